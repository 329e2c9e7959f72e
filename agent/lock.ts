import { createHash } from 'node:crypto';
import { connect, createServer, type Server } from 'node:net';
import type { Clock } from './deps.ts';
import { RuntimeFailure } from './runtime-failure.ts';

/** The proof that this process alone manages a directory. The kernel takes it back when the process ends, however that is. */
export type Lock = { release(): Promise<void> };

/**
 * Claims a directory, given by its real path, for this process. An agent that was killed while it was starting a child lets
 * go only once that child runs, hence a short wait: afterwards such a child is there to be found as a leftover.
 * @throws RuntimeFailure when another process of this machine manages the directory
 */
export async function takeLock(directory: string, clock: Clock): Promise<Lock> {
  const name = lockName(directory);
  const deadline = clock.now() + graceMs;
  for (;;) {
    const server = await tryListen(name, directory);
    if (server !== null) return { release: () => close(server) };
    if (clock.now() >= deadline)
      throw new RuntimeFailure(`Another supafleet agent already manages ${directory}: stop it first`);
    await clock.sleep(50);
  }
}

/** Whether a process of this machine manages a directory, given by its real path. */
export function isLocked(directory: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(lockName(directory));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function lockName(directory: string): string {
  return `\0supafleet-${createHash('sha256').update(directory).digest('hex')}`;
}

const graceMs = 2_000;

function tryListen(name: string, directory: string): Promise<Server | null> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EADDRINUSE') resolve(null);
      else reject(new RuntimeFailure(`Cannot claim ${directory}: ${cause.code}`, { cause }));
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
