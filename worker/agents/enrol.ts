import { createRoute } from '@hono/zod-openapi';
import { enrolRequest, enrolResponse } from '../../schema/agent-protocol.ts';
import { enrol } from '../hosts/enrol.ts';
import { createRouter } from '../http/router.ts';
import { agentCtxOf, requireVersion } from './signed-request.ts';

const route = createRoute({
  method: 'post',
  path: '/enroll',
  middleware: [requireVersion] as const,
  request: { body: { required: true, content: { 'application/json': { schema: enrolRequest } } } },
  responses: {
    201: {
      description: 'The host this key now belongs to',
      content: { 'application/json': { schema: enrolResponse } },
    },
  },
});

/** `POST /agent/v1/enroll`: an enrolment token and a public key in, a host's id out. */
export const enrolment = createRouter().openapi(route, async (c) => {
  const ctx = agentCtxOf(c);
  const { hostId } = await enrol(ctx, c.req.valid('json'));
  return c.json({ hostId, pollIntervalMs: ctx.deps.config.agents.pollIntervalMs }, 201);
});
