import type { IncomingMessage, ServerResponse } from 'node:http';

/** An answer the gateway gives by itself. */
export type Answer = {
  status: number;
  body: { message: string; code?: string; hint?: string } | null;
  headers: Record<string, string>;
};

/** Sends an answer whole, unless the caller has already got the head of another one. */
export function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = answer.body === null ? '' : JSON.stringify(answer.body);
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  if (body !== '') response.setHeader('content-type', 'application/json; charset=utf-8');
  if (answer.status !== 204) response.setHeader('content-length', Buffer.byteLength(body));
  // A body that nobody will read is not waited for.
  if (announcesBody(request) && !request.complete) response.setHeader('connection', 'close');
  response.writeHead(answer.status);
  response.end(body);
}

function announcesBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
