import { type Agent, type IncomingMessage, request as openRequest, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { type Answer, sendAnswer } from './answer.ts';
import { corsHeaders } from './cors.ts';
import type { Forward } from './decide-request.ts';
import type { Address } from './find-upstream.ts';
import { downstreamHeaders } from './proxy-headers.ts';

/** A service that did not answer: its error code, or `TIMEOUT`. */
export type UpstreamFault = { code: string };

type Exchange = {
  request: IncomingMessage;
  response: ServerResponse;
  forward: Forward;
  upstream: Address;
  agent: Agent;
  /** what the caller hears of a service that did not answer */
  onFault(fault: UpstreamFault): Answer;
};

/**
 * Streams a request to its service and the answer back, nothing held in between. Either side going away ends the other.
 */
export function forwardHttp(exchange: Exchange, attempt = 1): void {
  const { request, response, forward, upstream } = exchange;
  const body = bodyFraming(request);
  const outgoing = openRequest({
    ...upstream,
    method: forward.method,
    path: forward.target,
    headers: { ...forward.headers, ...body.headers },
    agent: exchange.agent,
  });
  let fault: UpstreamFault | null = null;

  outgoing.setTimeout(forward.route.timeoutMs, () => {
    fault = { code: 'TIMEOUT' };
    outgoing.destroy();
  });
  outgoing.on('response', (incoming) => {
    for (const [name, value] of downstreamHeaders(incoming.rawHeaders, forward.route)) {
      response.appendHeader(name, value);
    }
    for (const [name, value] of Object.entries(corsHeaders(forward.route))) {
      if (!response.hasHeader(name)) response.setHeader(name, value);
    }
    response.writeHead(incoming.statusCode ?? 502);
    // A service that breaks off in the middle must not look like a whole answer: pipeline cuts the caller off too.
    pipeline(incoming, response, (error) => {
      if (error) outgoing.destroy();
    });
  });
  outgoing.on('error', (error: NodeJS.ErrnoException) => {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const isStale = outgoing.reusedSocket && error.code === 'ECONNRESET' && fault === null;
    if (isStale && attempt === 1 && !body.present && /^(GET|HEAD|OPTIONS)$/.test(forward.method)) {
      forwardHttp(exchange, 2);
      return;
    }
    fault ??= { code: error.code ?? error.name };
    sendAnswer(request, response, exchange.onFault(fault));
  });
  response.once('close', () => {
    if (!response.writableFinished) outgoing.destroy();
  });
  if (body.present) request.pipe(outgoing);
  else outgoing.end();
}

/** What a caller of the gateway hears: 503 of a service that is down, 504 of one that stays silent. */
export function faultAnswer(fault: UpstreamFault, forward: Forward): Answer {
  const { service } = forward.route;
  const headers = corsHeaders(forward.route);
  return fault.code === 'TIMEOUT'
    ? { status: 504, body: { message: `The ${service} service did not answer in time.` }, headers }
    : { status: 503, body: { message: `The ${service} service of this project is not reachable now.` }, headers };
}

/** How the body is framed on the second hop; a request that announced none has none. */
function bodyFraming(request: IncomingMessage): { present: boolean; headers: Record<string, string> } {
  if (request.headers['transfer-encoding'] !== undefined) {
    return { present: true, headers: { 'transfer-encoding': 'chunked' } };
  }
  if (request.headers['content-length'] !== undefined) return { present: true, headers: {} };
  const expectsBody = /^(POST|PUT|PATCH)$/.test(request.method ?? '');
  return { present: false, headers: expectsBody ? { 'content-length': '0' } : {} };
}
