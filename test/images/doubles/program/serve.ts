import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Answer, Double, Environment } from './double.ts';
import { echoWebsocket } from './websocket-echo.ts';

/** How many requests are kept to be looked at. */
const kept = 200;

type Asked = { method: string; url: string; headers: Record<string, unknown> };

/** Serves a double. Every answer says that it is one; GET /__double/requests lists what it was asked, newest last. */
export function createDoubleServer(name: string, double: Double, env: Environment): Server {
  const asked: Asked[] = [];
  const headers = { 'x-supafleet-double': name };

  function record({ method = '', url = '', headers: received }: IncomingMessage): void {
    asked.push({ method, url, headers: received });
    asked.splice(0, asked.length - kept);
  }

  async function answer(request: IncomingMessage): Promise<Answer> {
    if (request.url === '/__double/requests') return { status: 200, body: asked };
    record(request);
    return (
      (await double.answer(request, env)) ?? {
        status: 501,
        body: { message: `${name} is a double: it has no such path` },
      }
    );
  }

  const server = createServer((request, response) => {
    request.resume();
    answer(request).then(
      ({ status, body }) => {
        response.writeHead(status, { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) });
        response.end(body === undefined ? undefined : JSON.stringify(body));
      },
      (error: unknown) => response.writeHead(500, headers).end(String(error)),
    );
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    record(request);
    const taken = double.upgrade?.(request, env) ?? Promise.resolve(false);
    taken.then(
      (isTaken) => {
        if (isTaken) echoWebsocket(request, socket, headers);
        else
          socket.end(
            `HTTP/1.1 403 Forbidden\r\nx-supafleet-double: ${name}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
          );
      },
      () => socket.destroy(),
    );
  });
  return server;
}
