import { createRoute, z } from '@hono/zod-openapi';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { refParams } from '../http/wire/params.ts';
import { sqlBody } from '../http/wire/sql-body.ts';
import { runSql } from '../projects/run-sql.ts';

const query = createRoute({
  method: 'post',
  path: '/projects/{ref}/database/query',
  request: {
    params: refParams,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: sqlBody.extend({ read_only: z.boolean().default(false) }),
        },
      },
    },
  },
  responses: { 201: { description: 'Rows of the last result that has any' } },
});

/** SQL for the CLI and scripts (`/v1/projects/{ref}/database/query`). */
export const databaseQuery = createRouter().openapi(query, async (c) => {
  const body = c.req.valid('json');
  const rows = await runSql(ctxOf(c), {
    ref: c.req.valid('param').ref,
    query: body.query,
    parameters: body.parameters,
    disableStatementTimeout: false,
    readOnly: body.read_only,
    applicationName: null,
  });
  return c.body(rows, 201, { 'content-type': 'application/json; charset=utf-8' });
});
