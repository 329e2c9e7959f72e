import type { MiddlewareHandler } from 'hono';
import { cors as honoCors } from 'hono/cors';
import type { AppEnv } from './variables.ts';

/** Studio calls with credentials, so origins are exact and headers are listed (a `*` is refused by browsers then). */
export function cors(origins: string[]): MiddlewareHandler<AppEnv> {
  return honoCors({
    origin: (origin) => (origins.includes(origin) ? origin : null),
    credentials: true,
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    allowHeaders: [
      'authorization',
      'content-type',
      'version',
      'x-request-id',
      'x-connection-encrypted',
      'x-pg-application-name',
      'x-client-info',
      'x-supabase-api-version',
      'apikey',
      'prefer',
      'range',
      'sentry-trace',
      'baggage',
    ],
    exposeHeaders: ['x-request-id', 'x-total-count', 'content-range', 'retry-after'],
    maxAge: 600,
  });
}
