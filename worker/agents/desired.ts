import { createRoute, z } from '@hono/zod-openapi';
import { desiredResponse } from '../../schema/agent-protocol.ts';
import { desired } from '../hosts/desired.ts';
import { createRouter } from '../http/router.ts';
import { agentCtxOf, requireSignature, requireVersion, signedRequestOf } from './signed-request.ts';

const query = z.object({ cursor: z.coerce.number().int().nonnegative().optional() });

const route = createRoute({
  method: 'get',
  path: '/desired',
  middleware: [requireVersion, requireSignature] as const,
  request: { query },
  responses: {
    200: {
      description: 'Everything the host should run',
      content: { 'application/json': { schema: desiredResponse } },
    },
    304: { description: 'Nothing changed since the cursor' },
  },
});

/** `GET /agent/v1/desired?cursor=N`. */
export const desiredList = createRouter().openapi(route, async (c) => {
  const { cursor } = c.req.valid('query');
  const list = await desired(agentCtxOf(c), { signed: await signedRequestOf(c), cursor: cursor ?? null });
  // it holds secrets
  c.header('Cache-Control', 'no-store');
  return list === null ? c.body(null, 304) : c.json(list, 200);
});
