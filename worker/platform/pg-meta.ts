import { createRoute, z } from '@hono/zod-openapi';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { refParams as params } from '../http/wire/params.ts';
import { sqlBody } from '../http/wire/sql-body.ts';
import { catalogs, readCatalog } from '../projects/read-catalog.ts';
import { readColumnPrivileges } from '../projects/read-column-privileges.ts';
import { runSql } from '../projects/run-sql.ts';

const schemas = z.string().max(2_000).optional();
const flag = z.enum(['true', 'false']).optional();
const count = z
  .string()
  .regex(/^\d{1,9}$/, 'must be a whole number')
  .optional();

const query = createRoute({
  method: 'post',
  path: '/pg-meta/{ref}/query',
  request: {
    params,
    // `x-connection-encrypted` is what Studio got as `connectionString`: the ref and the session decide instead
    headers: z.object({ 'x-pg-application-name': z.string().max(200).optional() }),
    query: z.object({ key: z.string().max(1_000).optional(), request_id: z.string().max(200).optional() }),
    body: {
      required: true,
      content: {
        'application/json': {
          schema: sqlBody.extend({ disable_statement_timeout: z.boolean().default(false) }),
        },
      },
    },
  },
  responses: { 201: { description: 'Rows of the last result that has any' } },
});

const columnPrivileges = createRoute({
  method: 'get',
  path: '/pg-meta/{ref}/column-privileges',
  request: { params },
  responses: { 200: { description: 'Who may do what with which column' } },
});

const asJson = { 'content-type': 'application/json; charset=utf-8' };

/** SQL and the catalog of a project's database, through its own postgres-meta. */
export const pgMeta = createRouter()
  .openapi(query, async (c) => {
    const body = c.req.valid('json');
    const rows = await runSql(ctxOf(c), {
      ref: c.req.valid('param').ref,
      query: body.query,
      parameters: body.parameters,
      disableStatementTimeout: body.disable_statement_timeout,
      readOnly: false,
      applicationName: c.req.valid('header')['x-pg-application-name'] ?? null,
    });
    return c.body(rows, 201, asJson);
  })
  .openapi(columnPrivileges, async (c) => {
    return c.body(await readColumnPrivileges(ctxOf(c), c.req.valid('param').ref), 200, asJson);
  });

for (const catalog of catalogs) {
  const list = createRoute({
    method: 'get',
    path: `/pg-meta/{ref}/${catalog}`,
    request: {
      params,
      query: z.object({
        id: count,
        included_schemas: schemas,
        excluded_schemas: schemas,
        include_columns: flag,
        include_system_schemas: flag,
        limit: count,
        offset: count,
      }),
    },
    responses: { 200: { description: `The ${catalog} of the database` } },
  });
  pgMeta.openapi(list, async (c) => {
    const { id, ...filters } = c.req.valid('query');
    const rows = await readCatalog(ctxOf(c), { ref: c.req.valid('param').ref, catalog, id, query: filters });
    return c.body(rows, 200, asJson);
  });
}
