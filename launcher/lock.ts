import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { StartFailure } from './failure.ts';

/**
 * Holds a data directory for this process. The lock is a socket in Linux's abstract namespace named after the
 * directory's inode: the kernel lets go of it with the process, however that ends, so there is none to go stale.
 */
export async function lockDataDir(dataDir: string): Promise<Server> {
  const { dev, ino } = await stat(dataDir);
  const server = createServer((socket) => socket.destroy());
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(`\0supafleet-start-${dev}-${ino}`, resolve);
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new StartFailure(
        `Another npm start runs on ${dataDir}. Stop it first, or choose another directory with DATA_DIR.`,
      );
    }
    throw error;
  }
  server.unref();
  return server;
}
