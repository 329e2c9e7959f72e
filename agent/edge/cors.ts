import type { IncomingHttpHeaders } from 'node:http';
import type { GatewayRoute } from '../../schema/gateway-routes.ts';

const methods = 'GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS';

/** Headers of the answer to a browser's preflight, or null when the request is none. Any origin may ask: keys decide. */
export function preflightHeaders(
  method: string | undefined,
  headers: IncomingHttpHeaders,
): Record<string, string> | null {
  const isPreflight = method === 'OPTIONS' && headers.origin && headers['access-control-request-method'];
  if (!isPreflight) return null;
  return {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': methods,
    // `*` would leave out Authorization, so what is asked for is named.
    'access-control-allow-headers': headers['access-control-request-headers'] ?? '*',
    'access-control-max-age': '3600',
    vary: 'Access-Control-Request-Headers',
  };
}

/** Headers that let a browser read an answer of this route. */
export function corsHeaders(route: GatewayRoute): Record<string, string> {
  return route.cors ? { 'access-control-allow-origin': '*', 'access-control-expose-headers': '*' } : {};
}
