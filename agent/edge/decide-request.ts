import type { IncomingMessage } from 'node:http';
import { decideKey } from '../../schema/gateway-keys.ts';
import { normalizeTarget } from '../../schema/gateway-path.ts';
import { type GatewayRoute, matchRoute } from '../../schema/gateway-routes.ts';
import type { Answer } from './answer.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import type { GatewayConfig } from './gateway.ts';
import { type CallerFacts, upstreamHeaders } from './proxy-headers.ts';

/** A request that may go on: where to, as what, with which headers. */
export type Forward = {
  kind: 'forward';
  route: GatewayRoute;
  method: string;
  /** path and query as the service gets them */
  target: string;
  /** path without the query, for logs */
  publicPath: string;
  headers: Record<string, string | string[]>;
};

export type Decision = Forward | { kind: 'answer'; answer: Answer };

/** Decides about one request from its head alone: answered here, or sent on to a service. */
export function decideRequest(
  request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  config: GatewayConfig,
  remoteAddress: string,
): Decision {
  const target = normalizeTarget(request.url ?? '');
  if (target === null) return answer(400, 'The path of this request cannot be read safely.');
  const match = matchRoute(target.path);
  if (match === null) return answer(404, 'no Route matched with those values');
  const { route, upstreamPath } = match;

  const preflight = route.cors ? preflightHeaders(request.method, request.headers) : null;
  if (preflight !== null) return { kind: 'answer', answer: { status: 204, body: null, headers: preflight } };

  const key = decideKey(
    route,
    {
      apikey: singleHeader(request.headers.apikey),
      authorization: request.headers.authorization,
      query: target.query,
    },
    config.keys,
  );
  if (key.kind === 'refuse') {
    return { kind: 'answer', answer: { status: key.status, body: key.body, headers: corsHeaders(route) } };
  }
  const caller: CallerFacts = { remoteAddress, port: config.port };
  const headers = upstreamHeaders(request.headers, route, key, caller);
  return {
    kind: 'forward',
    route,
    method: request.method ?? 'GET',
    target: key.query === '' ? upstreamPath : `${upstreamPath}?${key.query}`,
    publicPath: target.path,
    headers: route.service === 'pg_meta' ? { ...headers, pg: config.metaConnectionString } : headers,
  };
}

function singleHeader(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}

function answer(status: number, message: string): Decision {
  return { kind: 'answer', answer: { status, body: { message }, headers: {} } };
}
