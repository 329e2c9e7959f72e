import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A socket before the engine's own that counts the requests that pass it, and changes nothing. */
export type CountingSocket = { socketPath: string; requests(): number; close(): Promise<void> };

const requestLine = /(?:^|\r\n)(?:GET|HEAD|POST|PUT|DELETE) \/\S* HTTP\/1\.[01]\r\n/g;

export async function openCountingSocket(engineSocket: string): Promise<CountingSocket> {
  const directory = await mkdtemp(join(tmpdir(), 'supafleet-bench-'));
  const socketPath = join(directory, 'docker.sock');
  const open = new Set<Socket>();
  let requests = 0;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const engine = createConnection({ path: engineSocket, allowHalfOpen: true });
    client.on('data', (chunk) => {
      requests += chunk.toString('latin1').match(requestLine)?.length ?? 0;
    });
    client.pipe(engine).pipe(client);
    for (const [one, other] of [[client, engine] as const, [engine, client] as const]) {
      open.add(one);
      // whoever hangs up ends both sides: the one that still waits is told by that
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroySoon();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    socketPath,
    requests: () => requests,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
