import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from './variables.ts';

/** What was asked of limits is told on every answer, whatever it is otherwise. */
export const tellAllowance: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next();
  const { allowance } = c.get('request');
  if (allowance === undefined) return;
  c.header('X-RateLimit-Limit', String(allowance.limit));
  c.header('X-RateLimit-Remaining', String(allowance.remaining));
  c.header('X-RateLimit-Reset', String(allowance.resetSeconds));
  if (allowance.retryAfterSeconds !== null) c.header('Retry-After', String(allowance.retryAfterSeconds));
};
