import type { MiddlewareHandler } from 'hono';
import { cors as honoCors } from 'hono/cors';
import type { AppEnv } from './variables.ts';

/**
 * Studio calls with credentials, so origins are exact and headers are listed (a `*` is refused by browsers then).
 * Other origins are told nothing at all.
 */
export function cors(origins: string[]): MiddlewareHandler<AppEnv> {
  const known = new Set(origins);
  const allow = allowFor((origin) => (known.has(origin) ? origin : null));
  return async (c, next) => {
    if (known.has(c.req.header('origin') ?? '')) return allow(c, next);
    // on the response itself: handlers that make their own keep the headers of the one there was
    c.res.headers.append('Vary', 'Origin');
    if (c.req.method === 'OPTIONS') return c.body(null, 204);
    await next();
  };
}

function allowFor(origin: (origin: string) => string | null): MiddlewareHandler<AppEnv> {
  return honoCors({
    origin,
    credentials: true,
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    allowHeaders: [
      'authorization',
      'content-type',
      'version',
      'x-request-id',
      'x-connection-encrypted',
      'x-pg-application-name',
      'x-graphql-authorization',
      'x-client-info',
      'x-supabase-api-version',
      'apikey',
      'prefer',
      'range',
      'sentry-trace',
      'baggage',
    ],
    exposeHeaders: [
      'x-request-id',
      'x-total-count',
      'content-range',
      'retry-after',
      'x-ratelimit-limit',
      'x-ratelimit-remaining',
      'x-ratelimit-reset',
    ],
    maxAge: 600,
  });
}
