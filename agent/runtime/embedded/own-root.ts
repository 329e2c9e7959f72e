import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { RuntimeFailure } from '../../runtime-failure.ts';

/** The proof that this process alone manages a root. The kernel takes it back when the process ends, however it ends. */
export type Ownership = { release(): Promise<void> };

/** @throws RuntimeFailure when another process manages this root */
export async function ownRoot(root: string): Promise<Ownership> {
  const name = `\0supafleet-${createHash('sha256').update(root).digest('hex')}`;
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = `Another supafleet agent already manages ${root}: stop it first`;
      reject(
        new RuntimeFailure(cause.code === 'EADDRINUSE' ? taken : `Cannot claim ${root}: ${cause.code}`, { cause }),
      );
    });
    server.listen(name, resolve);
  });
  server.unref();
  return { release: () => close(server) };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
