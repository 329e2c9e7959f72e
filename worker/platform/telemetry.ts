import { createRoute, z } from '@hono/zod-openapi';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';

const scope = z.object({
  organization_slug: z.string().max(100).optional(),
  project_ref: z.string().max(100).optional(),
});

const flags = createRoute({
  method: 'get',
  path: '/telemetry/feature-flags',
  request: { query: scope },
  responses: { 200: answer(z.object({}), 'No flag is set: Studio falls back to its own defaults') },
});

const sinks = [
  '/telemetry/event',
  '/telemetry/identify',
  '/telemetry/reset',
  '/telemetry/feature-flags/track',
] as const;

/** Asked before anyone is signed in. Nothing that Studio tells about its users is kept or passed on. */
export const telemetry = createRouter().openapi(flags, (c) => c.json({}, 200));

for (const path of sinks) {
  const sink = createRoute({ method: 'post', path, responses: { 201: { description: 'Taken and forgotten' } } });
  telemetry.openapi(sink, (c) => c.body(null, 201));
}
