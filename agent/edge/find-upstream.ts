import type { GatewayRoute } from '../../schema/gateway-routes.ts';
import { RuntimeFailure } from '../runtime-failure.ts';
import type { Answer } from './answer.ts';
import { corsHeaders } from './cors.ts';

/** Where a service listens, or how it is brought up by the first request for it. */
export type Upstream = { host: string; port: number } | { start(): Promise<{ host: string; port: number }> };

export type FoundUpstream =
  | { kind: 'found'; host: string; port: number }
  | { kind: 'answer'; answer: Answer; cause?: unknown };

/** Makes the one place that starts services on demand: calls made while one is on its way share it. */
export function createUpstreamFinder(): (
  upstream: Upstream | undefined,
  route: GatewayRoute,
) => Promise<FoundUpstream> {
  const starting = new WeakMap<Upstream, Promise<{ host: string; port: number }>>();
  return async function findUpstream(upstream, route) {
    if (upstream === undefined) return absent(route);
    if ('port' in upstream) return { kind: 'found', host: upstream.host, port: upstream.port };
    const attempt = starting.get(upstream) ?? upstream.start().finally(() => starting.delete(upstream));
    starting.set(upstream, attempt);
    try {
      return { kind: 'found', ...(await withDeadline(attempt, route.timeoutMs)) };
    } catch (cause) {
      const message = cause instanceof RuntimeFailure ? cause.message : `The ${route.service} service did not start.`;
      return { kind: 'answer', answer: { status: 503, body: { message }, headers: corsHeaders(route) }, cause };
    }
  };
}

/** A service this runtime cannot run is said to be missing, never answered for. */
function absent(route: GatewayRoute): FoundUpstream {
  const message = `The ${route.service} service does not run in this project.`;
  const hint = 'The embedded runtime has Postgres, the data API, postgres-meta and functions; Docker hosts run all.';
  return { kind: 'answer', answer: { status: 501, body: { message, hint }, headers: corsHeaders(route) } };
}

async function withDeadline<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new RuntimeFailure('The service did not start in time.')), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
