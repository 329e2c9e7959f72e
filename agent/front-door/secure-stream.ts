import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';

/** What clients call the Postgres protocol inside TLS. */
const protocol = 'postgresql';

/**
 * Answers a TLS handshake on an accepted connection and tells which server name the client asked for. Null when it
 * fails, or when a client that began with TLS did not say that it means Postgres, which Postgres itself insists on.
 */
export function secureStream(
  socket: Socket,
  secureContext: SecureContext,
  options: { direct: boolean },
): Promise<{ stream: TLSSocket; serverName: string | null } | null> {
  return new Promise((resolve) => {
    let serverName: string | null = null;
    const stream = new TLSSocket(socket, {
      isServer: true,
      secureContext,
      ALPNProtocols: [protocol],
      SNICallback: (name, done) => {
        serverName = name;
        done(null);
      },
    });
    stream.on('error', () => {
      stream.destroy();
      socket.destroy();
    });
    stream.once('close', () => resolve(null));
    stream.once('secure', () => {
      if (options.direct && stream.alpnProtocol !== protocol) stream.destroy();
      else resolve({ stream, serverName });
    });
  });
}
