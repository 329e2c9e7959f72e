import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { portsPerProject } from '../../schema/stack-spec.ts';

/** Below what installations take for their projects, and below the ports Linux gives to outgoing connections. */
const range = { first: 10_000, last: 19_999 };

/**
 * The first of `count` neighbouring loopback ports, a project's block unless told otherwise, in which nobody listens. No
 * other test gets one of them as long as this process lives.
 */
export async function portBlock(count = portsPerProject): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const first = randomInt(range.first / portsPerProject, Math.floor((range.last - count) / portsPerProject));
    const ports = Array.from({ length: count }, (_, offset) => first * portsPerProject + offset);
    if (await claimAll(ports)) return first * portsPerProject;
  }
  throw new Error(`no ${count} free ports were found`);
}

/** A claim is a name the kernel gives to one process and takes back at its end. */
async function claimAll(ports: readonly number[]): Promise<boolean> {
  const held: Server[] = [];
  for (const port of ports) {
    const claim = port % portsPerProject === 0 ? await tryListen({ path: `\0supafleet-test-ports-${port}` }) : null;
    if (claim !== null) held.push(claim);
    const isMine = port % portsPerProject !== 0 || claim !== null;
    const listener = isMine ? await tryListen({ host: '127.0.0.1', port, exclusive: true }) : null;
    if (listener === null) {
      for (const server of held) server.close();
      return false;
    }
    await new Promise((resolve) => listener.close(resolve));
  }
  return true;
}

function tryListen(where: { path: string } | { host: string; port: number; exclusive: true }): Promise<Server | null> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(null));
    server.listen(where, () => {
      server.unref();
      resolve(server);
    });
  });
}
