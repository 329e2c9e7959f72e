import { createServer } from 'node:net';

/**
 * Takes a name on this machine for as long as this process lives; the kernel gives it to one process at a time and takes
 * it back whatever becomes of that one. False: another one has it.
 */
export function claim(name: string): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      if ('code' in error && error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen({ path: `\0supafleet-${name}` }, () => {
      server.unref();
      resolve(true);
    });
  });
}
