import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** A response on the socket of an upgrade request, for as long as the protocol has not changed; then the socket ends. */
export function responseTo(request: IncomingMessage, socket: Duplex): ServerResponse {
  socket.on('error', () => socket.destroy());
  const response = new ServerResponse(request);
  response.assignSocket(request.socket);
  response.once('finish', () => socket.end());
  return response;
}
