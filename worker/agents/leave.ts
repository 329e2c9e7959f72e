import { createRoute } from '@hono/zod-openapi';
import { leave } from '../hosts/leave.ts';
import { createRouter } from '../http/router.ts';
import { agentCtxOf, requireSignature, requireVersion, signedRequestOf } from './signed-request.ts';

const route = createRoute({
  method: 'post',
  path: '/leave',
  middleware: [requireVersion, requireSignature] as const,
  responses: { 204: { description: 'The host is none any more; its key is refused from now on' } },
});

/** `POST /agent/v1/leave`, with an empty body. */
export const departure = createRouter().openapi(route, async (c) => {
  await leave(agentCtxOf(c), { signed: await signedRequestOf(c) });
  return c.body(null, 204);
});
