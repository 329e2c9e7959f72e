import { type IncomingMessage, request as openRequest, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Answer, sendAnswer } from './answer.ts';
import type { Forward } from './decide-request.ts';
import type { Address } from './find-upstream.ts';
import type { UpstreamFault } from './forward-http.ts';
import { joinStreams } from './join-streams.ts';
import { downstreamHeaders } from './proxy-headers.ts';

type Handshake = {
  request: IncomingMessage;
  /** writes to the caller's socket as long as the handshake has not succeeded */
  response: ServerResponse;
  socket: Duplex;
  /** what the caller sent behind the handshake */
  head: Buffer;
  forward: Forward;
  upstream: Address;
  /** what the caller hears of a service that did not answer */
  onFault(fault: UpstreamFault): Answer;
};

/** Passes a websocket handshake to the service and, when it agrees, joins both connections until either ends. */
export function forwardWebsocket(handshake: Handshake): void {
  const { request, response, socket, head, forward, upstream } = handshake;
  const outgoing = openRequest({
    ...upstream,
    path: forward.target,
    headers: { ...forward.headers, connection: 'Upgrade', upgrade: 'websocket' },
    agent: false,
  });
  let fault: UpstreamFault | null = null;
  const abandon = () => outgoing.destroy();
  socket.once('close', abandon);

  outgoing.setTimeout(forward.route.timeoutMs, () => {
    fault = { code: 'TIMEOUT' };
    outgoing.destroy();
  });
  outgoing.on('upgrade', (incoming, upstreamSocket, upstreamHead) => {
    socket.removeListener('close', abandon);
    upstreamSocket.setTimeout(0);
    response.detachSocket(request.socket);
    const pairs = downstreamHeaders(incoming.rawHeaders, forward.route);
    const lines = [...pairs, ['Connection', 'Upgrade'], ['Upgrade', 'websocket']].map(
      ([name, value]) => `${name}: ${value}`,
    );
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    socket.write(upstreamHead);
    upstreamSocket.write(head);
    void joinStreams(socket, upstreamSocket);
  });
  outgoing.on('response', (incoming) => {
    for (const [name, value] of downstreamHeaders(incoming.rawHeaders, forward.route))
      response.appendHeader(name, value);
    response.setHeader('connection', 'close');
    response.writeHead(incoming.statusCode ?? 502);
    incoming.pipe(response);
  });
  outgoing.on('error', (error: NodeJS.ErrnoException) => {
    fault ??= { code: error.code ?? error.name };
    if (socket.destroyed) return;
    sendAnswer(request, response, handshake.onFault(fault));
  });
  outgoing.end();
}
