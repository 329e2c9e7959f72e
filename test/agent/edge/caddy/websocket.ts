import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { listenOnFreePort } from '../gateway-fixture.ts';

type Handshake = { url: string | undefined; headers: IncomingHttpHeaders };

export type Echo = {
  host: string;
  port: number;
  handshakes: Handshake[];
  sockets: Set<Socket>;
  close(): Promise<void>;
};

/** A service that agrees to every handshake and sends back what it gets. */
export async function startEcho(): Promise<Echo> {
  const handshakes: Handshake[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on('upgrade', (request, stream) => {
    const { socket, url, headers } = request;
    handshakes.push({ url, headers });
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
    const agreed = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n';
    stream.write(`HTTP/1.1 101 Switching Protocols\r\n${agreed}`);
    stream.pipe(stream);
  });
  return {
    host: '127.0.0.1',
    port: await listenOnFreePort(server),
    handshakes,
    sockets,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Asks for a websocket and tells the head of the answer. */
export async function openWebsocket(port: number, path: string): Promise<{ socket: Socket; head: string }> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n`,
  );
  const head = await Promise.race([
    once(socket, 'data').then(([chunk]) => String(chunk)),
    once(socket, 'close').then(() => Promise.reject(new Error('the connection ended without an answer'))),
  ]);
  return { socket, head };
}
