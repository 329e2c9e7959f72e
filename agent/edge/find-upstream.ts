import type { GatewayRoute } from '../../schema/gateway-routes.ts';
import { DeadlineExceeded, withDeadline } from '../deadline.ts';
import type { Clock } from '../deps.ts';
import { RuntimeFailure } from '../runtime-failure.ts';
import type { Answer } from './answer.ts';
import { corsHeaders } from './cors.ts';

/** Where a service listens: a port, or a Unix socket that only this host's agent may enter. */
export type Address = { host: string; port: number } | { socketPath: string };

/** Where a service listens, or how it is brought up by the first request for it. */
export type Upstream = Address | { start(): Promise<Address> };

type FoundUpstream = { kind: 'found'; address: Address } | { kind: 'answer'; answer: Answer; cause?: unknown };

/** Makes the one place that starts services on demand: calls made while one is on its way share it. */
export function createUpstreamFinder(
  clock: Clock,
): (upstream: Upstream | undefined, route: GatewayRoute) => Promise<FoundUpstream> {
  const starting = new WeakMap<Upstream, Promise<Address>>();
  return async function findUpstream(upstream, route) {
    if (upstream === undefined) return absent(route);
    if (!('start' in upstream)) return { kind: 'found', address: upstream };
    const attempt = starting.get(upstream) ?? upstream.start().finally(() => starting.delete(upstream));
    starting.set(upstream, attempt);
    try {
      return { kind: 'found', address: await withDeadline(clock, route.timeoutMs, () => attempt) };
    } catch (cause) {
      const body = { message: whyNotStarted(cause, route) };
      return { kind: 'answer', answer: { status: 503, body, headers: corsHeaders(route) }, cause };
    }
  };
}

/** A service this runtime cannot run is said to be missing, never answered for. */
function absent(route: GatewayRoute): FoundUpstream {
  const message = `The ${route.service} service does not run in this project.`;
  const hint = 'The embedded runtime has Postgres, the data API, postgres-meta and functions; Docker hosts run all.';
  return { kind: 'answer', answer: { status: 501, body: { message, hint }, headers: corsHeaders(route) } };
}

function whyNotStarted(cause: unknown, route: GatewayRoute): string {
  if (cause instanceof RuntimeFailure) return cause.message;
  const late = cause instanceof DeadlineExceeded ? ' in time' : '';
  return `The ${route.service} service did not start${late}.`;
}
