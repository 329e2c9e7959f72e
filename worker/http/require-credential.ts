import type { MiddlewareHandler } from 'hono';
import { type AppEnv, ctxOf } from './variables.ts';

/** Refuses nobody before a route looks at what was sent: without a credential there is nothing to learn here. */
export const requireCredential: MiddlewareHandler<AppEnv> = async (c, next) => {
  ctxOf(c);
  await next();
};
