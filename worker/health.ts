import { createRoute, z } from '@hono/zod-openapi';
import { databaseAnswers } from './access/database-answers.ts';
import { answer } from './http/answer.ts';
import { createRouter } from './http/router.ts';
import { version } from './version.ts';

const healthWire = z.object({
  status: z.enum(['ok', 'unavailable']),
  version: z.string(),
  database: z.enum(['ok', 'unreachable']),
});

const health = createRoute({
  method: 'get',
  path: '/health',
  responses: {
    200: answer(healthWire, 'The control plane and its database answer'),
    503: answer(healthWire, 'The database does not answer'),
  },
});

/** Whether requests can be served: for load balancers, without a credential and without telling more. */
export const healthRoute = createRouter().openapi(health, async (c) => {
  return (await databaseAnswers(c.get('deps')))
    ? c.json({ status: 'ok', version, database: 'ok' }, 200)
    : c.json({ status: 'unavailable', version, database: 'unreachable' }, 503);
});
