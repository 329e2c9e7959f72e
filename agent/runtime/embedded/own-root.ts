import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import type { Clock } from '../../deps.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';

/** The proof that this process alone manages a root. The kernel takes it back when the process ends, however it ends. */
type Ownership = { release(): Promise<void> };

/**
 * Claims a root for this process. An agent that was killed while it was starting a child lets go only once that child
 * runs, hence a short wait: afterwards such a child is there to be found as a leftover.
 * @throws RuntimeFailure when another process manages this root
 */
export async function ownRoot(root: string, clock: Clock): Promise<Ownership> {
  const name = `\0supafleet-${createHash('sha256').update(root).digest('hex')}`;
  const deadline = clock.now() + graceMs;
  for (;;) {
    const server = await tryListen(name, root);
    if (server !== null) return { release: () => close(server) };
    if (clock.now() >= deadline)
      throw new RuntimeFailure(`Another supafleet agent already manages ${root}: stop it first`);
    await clock.sleep(50);
  }
}

const graceMs = 2_000;

function tryListen(name: string, root: string): Promise<Server | null> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EADDRINUSE') resolve(null);
      else reject(new RuntimeFailure(`Cannot claim ${root}: ${cause.code}`, { cause }));
    });
    server.listen(name, () => {
      server.unref();
      resolve(server);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
