import { createRoute } from '@hono/zod-openapi';
import { reportRequest, reportResponse } from '../../schema/agent-protocol.ts';
import { report } from '../hosts/report.ts';
import { createRouter } from '../http/router.ts';
import { agentCtxOf, requireSignature, requireVersion, signedRequestOf } from './signed-request.ts';

const route = createRoute({
  method: 'post',
  path: '/report',
  middleware: [requireVersion, requireSignature] as const,
  request: { body: { required: true, content: { 'application/json': { schema: reportRequest } } } },
  responses: {
    200: {
      description: 'The report was taken',
      content: { 'application/json': { schema: reportResponse } },
    },
  },
});

/** `POST /agent/v1/report`: one strange name of a container must not lose what else was seen. */
export const reports = createRouter({ isTextKeptAsJson: true }).openapi(route, async (c) => {
  const signed = await signedRequestOf(c);
  return c.json(await report(agentCtxOf(c), { signed, report: c.req.valid('json') }), 200);
});
