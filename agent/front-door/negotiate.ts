import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { BackendKey } from './backend-key.ts';
import { nextPacket } from './next-packet.ts';
import { secureStream } from './secure-stream.ts';
import type { StartupParameters } from './startup-packet.ts';

/** What a client wants once encryption is settled. `refused`: it is a Postgres client, but what it sent is not right. */
export type Opened =
  | { kind: 'startup'; stream: Socket; serverName: string | null; version: number; parameters: StartupParameters }
  | { kind: 'cancel'; key: BackendKey }
  | { kind: 'refused'; stream: Socket; message: string; code: string };

/** Answers requests for encryption until the client says what it wants; null for a connection to drop silently. */
export async function negotiate(socket: Socket, secureContext: SecureContext): Promise<Opened | null> {
  let stream = socket;
  let serverName: string | null = null;
  let asked: 'nothing' | 'gss' | 'tls' = 'nothing';
  for (;;) {
    const received = await nextPacket(stream);
    if (received === null) return null;
    const { packet, bytesBehind } = received;
    switch (packet.kind) {
      case 'tls':
      case 'ssl': {
        const direct = packet.kind === 'tls';
        // Bytes sent ahead of the handshake would count as if they had come through it.
        if (asked === 'tls' || (direct ? asked !== 'nothing' : bytesBehind > 0)) return null;
        asked = 'tls';
        if (!direct) stream.write('S');
        const secured = await secureStream(socket, secureContext, { direct });
        if (secured === null) return null;
        ({ stream, serverName } = secured);
        break;
      }
      case 'gss':
        if (asked !== 'nothing' || bytesBehind > 0) return null;
        asked = 'gss';
        stream.write('N');
        break;
      case 'cancel':
        return { kind: 'cancel', key: packet };
      case 'startup':
        return { kind: 'startup', stream, serverName, version: packet.version, parameters: packet.parameters };
      case 'malformed':
        return { kind: 'refused', stream, message: packet.message, code: packet.code };
      case 'foreign':
        return null;
      default:
        return packet satisfies never;
    }
  }
}
