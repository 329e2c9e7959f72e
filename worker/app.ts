import type { OpenAPIHono } from '@hono/zod-openapi';
import { Hono } from 'hono';
import { noteUse } from './auth/note-use.ts';
import type { Deps } from './deps.ts';
import { docsRoute } from './docs.ts';
import { notFound } from './errors.ts';
import { authenticate } from './http/authenticate.ts';
import { cors } from './http/cors.ts';
import { identify } from './http/identify.ts';
import { limitBody, limitHead } from './http/limits.ts';
import { onError } from './http/on-error.ts';
import { tellAllowance } from './http/rate-limits.ts';
import { requireCredential } from './http/require-credential.ts';
import type { AppEnv } from './http/variables.ts';
import { openDoors, routes } from './routes.ts';
import { toStudio } from './to-studio.ts';

/** The whole request path: read top to bottom. */
export function createApp(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>({ getPath: pathWithoutApi });
  app.onError(onError);
  app.notFound(() => {
    throw notFound('Route');
  });
  app.use(identify(deps), noteUse(), cors(deps.config.corsOrigins), tellAllowance, limitHead, limitBody);
  for (const { path, router } of openDoors()) app.route(path, router);
  app.route(
    '/',
    docsRoute(() => [...openDoors(), ...routes()]),
  );
  if (deps.config.studioUrl !== null) app.get('/', toStudio(deps.config.studioUrl));
  app.use(authenticate);
  app.use('/platform/*', requireCredential);
  app.use('/v1/*', requireCredential);
  for (const { path, router } of routes()) app.route(path, router);
  return app;
}

export type Mount = { path: string; router: OpenAPIHono<AppEnv> };

/** `/api/platform/*` and `/api/v1/*` are the same as without `/api`: Studio builds differ in which they call. */
function pathWithoutApi(request: Request): string {
  const { pathname } = new URL(request.url);
  return /^\/api\/(platform|v1)(\/|$)/.test(pathname) ? pathname.slice('/api'.length) : pathname;
}
