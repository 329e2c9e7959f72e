import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';

export type ReceivedRequest = { method: string; url: string; headers: IncomingMessage['headers']; body: string };
export type FakeApi = { url: string; received: ReceivedRequest[]; close(): Promise<void> };

/** A real HTTP server that records what comes and answers what the test says. */
export async function startFakeApi(
  answer: (request: ReceivedRequest, response: ServerResponse) => void,
): Promise<FakeApi> {
  const received: ReceivedRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method = '', url = '', headers } = incoming;
    const request = { method, url, headers, body: Buffer.concat(chunks).toString() };
    received.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
