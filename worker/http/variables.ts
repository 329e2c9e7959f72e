import type { Credential, Ctx, Deps, RequestInfo } from '../deps.ts';
import { unauthenticated } from '../errors.ts';

/** What middleware puts on Hono's context. */
export type Variables = { deps: Deps; request: RequestInfo; credential: Credential | null };

/** What the runtime gives with a request. */
export type Bindings = {
  /** lets work go on after the answer was sent */
  background?: (work: Promise<unknown>) => void;
};
export type AppEnv = { Variables: Variables; Bindings: Bindings };

/** The use cases' context of an authenticated request. */
export function ctxOf(c: { get<K extends keyof Variables>(key: K): Variables[K] }): Ctx {
  const credential = c.get('credential');
  if (credential === null) throw unauthenticated('Missing or invalid Authorization header: send a bearer token');
  return { deps: c.get('deps'), credential, request: c.get('request') };
}
