import { createServer } from 'node:net';
import { RuntimeFailure } from '../../runtime-failure.ts';

/** Rejects with a RuntimeFailure that names the first of these loopback ports someone already listens on. */
export async function refuseTakenPorts(ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    const listening = await tryListen(port);
    if (listening === null)
      throw new RuntimeFailure(`Port ${port} of this project's block is in use by another process`);
  }
}

/** A loopback port that nobody listens on right now. */
export async function freePort(): Promise<number> {
  const port = await tryListen(0);
  if (port === null) throw new RuntimeFailure('This host has no free loopback port left');
  return port;
}

function tryListen(port: number): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(new RuntimeFailure(`Port ${port} cannot be listened on: ${error.code}`, { cause: error }));
    });
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(bound));
    });
  });
}
