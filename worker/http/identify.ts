import type { MiddlewareHandler } from 'hono';
import type { Deps } from '../deps.ts';
import type { AppEnv } from './variables.ts';

/** Puts the dependencies and the request's own facts on the context, and its id on the response. */
export function identify(deps: Deps): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const id = deps.random.uuid();
    c.set('deps', deps);
    c.set('credential', null);
    c.set('request', {
      id,
      address:
        deps.config.clientAddressHeader === null ? null : (c.req.header(deps.config.clientAddressHeader) ?? null),
      userAgent: c.req.header('user-agent')?.slice(0, 300) ?? null,
    });
    c.header('X-Request-Id', id);
    await next();
  };
}
