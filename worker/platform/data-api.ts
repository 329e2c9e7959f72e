import { createRoute, z } from '@hono/zod-openapi';
import { bearerToken } from '../http/bearer-token.ts';
import { createRouter } from '../http/router.ts';
import { isShallow } from '../http/shallow.ts';
import { ctxOf } from '../http/variables.ts';
import { refParams as params } from '../http/wire/params.ts';
import { describeDataApi } from '../projects/describe-data-api.ts';
import { runGraphql } from '../projects/run-graphql.ts';

const rest = createRoute({
  method: 'get',
  path: '/projects/{ref}/api/rest',
  request: { params },
  responses: { 200: { description: "PostgREST's own OpenAPI document; HEAD asks whether it answers" } },
});

const graphql = createRoute({
  method: 'post',
  path: '/projects/{ref}/api/graphql',
  request: {
    params,
    headers: z.object({ authorization: z.string().optional(), 'x-graphql-authorization': z.string().optional() }),
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({
            query: z.string().min(1),
            operationName: z.string().max(200).nullish(),
            variables: z.record(z.string(), z.unknown()).refine(isShallow, 'nests too deeply').nullish(),
          }),
        },
      },
    },
  },
  responses: { 201: { description: "pg_graphql's answer" } },
});

/** The project's data API as seen by its owner. */
export const dataApi = createRouter()
  .openapi(rest, async (c) => {
    const document = await describeDataApi(ctxOf(c), c.req.valid('param').ref);
    return c.body(document, 200, { 'content-type': 'application/json; charset=utf-8' });
  })
  .openapi(graphql, async (c) => {
    const { query, operationName, variables } = c.req.valid('json');
    const { authorization, 'x-graphql-authorization': given } = c.req.valid('header');
    const answer = await runGraphql(ctxOf(c), {
      ref: c.req.valid('param').ref,
      request: { query, ...(operationName && { operationName }), ...(variables && { variables }) },
      asOtherRole: isOtherRole(bearerToken(authorization), given),
    });
    return c.body(answer, 201, { 'content-type': 'application/json; charset=utf-8' });
  });

/** Studio repeats its own token here, unless somebody asks for what another role would be answered. */
function isOtherRole(own: string | null, given: string | undefined): boolean {
  return given !== undefined && (bearerToken(given) ?? given) !== own;
}
