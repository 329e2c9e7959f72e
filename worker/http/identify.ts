import type { Context, MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
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
      address: addressIn(deps.config.clientAddressHeader, (name) => c.req.header(name)),
      userAgent: c.req.header('user-agent')?.slice(0, 300) ?? null,
      route: routeOf(c),
    });
    c.header('X-Request-Id', id);
    await next();
  };
}

const longestRoute = 300;

/**
 * The route as it is described, so that no token of a path gets into the audit log. Procedures are named by their path,
 * which holds nothing else.
 */
function routeOf(c: Context<AppEnv>): string | null {
  const { method, path } = c.req;
  const described = matchedRoutes(c).find((route) => !route.path.includes('*'))?.path;
  const named = path.startsWith('/trpc/') ? path : described?.replaceAll(/:(\w+)(\{[^}]*\})?/g, '{$1}');
  return named === undefined ? null : `${method} ${named}`.slice(0, longestRoute);
}

/** Of several addresses the last: that one the trusted proxy added, those before it came with the request. */
function addressIn(name: string | null, header: (name: string) => string | undefined): string | null {
  const value = name === null ? undefined : header(name)?.split(',').at(-1)?.trim();
  return value === undefined || value === '' ? null : value.slice(0, 64);
}
