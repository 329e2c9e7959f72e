import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A socket before an engine's own, which a test can make hang: it takes connections and never answers. */
export type HangableSocket = {
  socketPath: string;
  hang(): void;
  /** those who wait are cut off; from now on it answers */
  answer(): void;
  close(): Promise<void>;
};

export async function openHangableSocket(engineSocket: string): Promise<HangableSocket> {
  const directory = await mkdtemp(join(tmpdir(), 'supafleet-socket-'));
  const socketPath = join(directory, 'docker.sock');
  const open = new Set<Socket>();
  let hangs = false;

  // half-open: who attaches to a container ends its own side first and reads on
  const server = createServer({ allowHalfOpen: true }, (client) => {
    follow(client);
    if (hangs) return;
    const engine = connect({ path: engineSocket, allowHalfOpen: true });
    follow(engine);
    client.pipe(engine).pipe(client);
    client.once('close', () => engine.destroy());
    engine.once('close', () => client.destroy());
  });

  function follow(socket: Socket): void {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => open.delete(socket));
  }

  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    socketPath,
    hang() {
      hangs = true;
      for (const socket of open) socket.unpipe().pause();
    },
    answer() {
      hangs = false;
      for (const socket of open) socket.destroy();
    },
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true, force: true });
    },
  };
}
