import { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from './http/variables.ts';
import { version } from './version.ts';

type Described = { path: string; router: OpenAPIHono<AppEnv> };

/**
 * What is served, for whoever wants to know (`/docs`): the OpenAPI document as the routers describe themselves, and a
 * page that says where it is. Written once, when first asked for.
 */
export function docsRoute(described: () => Described[]): OpenAPIHono<AppEnv> {
  let document: string | null = null;
  const router = new OpenAPIHono<AppEnv>();
  router.get('/docs/openapi.json', (c) => {
    document ??= JSON.stringify(openApiDocument(described()));
    return c.body(document, 200, { 'content-type': 'application/json; charset=utf-8', 'cache-control': cacheControl });
  });
  router.get('/docs', (c) => {
    c.header('Cache-Control', cacheControl);
    c.header('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
    return c.html(page);
  });
  return router;
}

const cacheControl = 'public, max-age=300';

/** The OpenAPI 3.1 document of these routers. */
function openApiDocument(described: Described[]) {
  const all = new OpenAPIHono();
  for (const { path, router } of described) all.route(path, router);
  all.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'A session’s access token, or a personal one (`sbp_…`)',
  });
  return all.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'supafleet',
      version,
      description: 'What this control plane serves. Errors are `{ message, code }`.',
    },
    // signing in, health and what Studio asks before anyone is signed in need none
    security: [{ bearer: [] }, {}],
  });
}

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>supafleet ${version}</title>
<h1>supafleet ${version}</h1>
<p>The control plane for fleets of Supabase projects.</p>
<ul>
<li><a href="/docs/openapi.json">OpenAPI document</a> of <code>/platform</code> (Studio), <code>/v1</code> (the Supabase
CLI), <code>/auth/v1</code> and <code>/agent/v1</code></li>
<li><code>/trpc</code> is for the typed client: <code>import { createClient } from 'supafleet/client'</code></li>
<li><a href="/health">Health</a></li>
</ul>
</html>
`;
