import { createRoute, z } from '@hono/zod-openapi';
import { liveSpec } from '../../schema/stack-spec.ts';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { refParams } from '../http/wire/params.ts';
import { findProject, type Project } from '../projects/find.ts';

const settingsWire = z.object({
  db_schema: z.string(),
  db_extra_search_path: z.string(),
  max_rows: z.number(),
  db_anon_role: z.string(),
  role_claim_key: z.string(),
  jwt_secret: z.literal(''),
});

const get = createRoute({
  method: 'get',
  path: '/projects/{ref}/config/postgrest',
  request: { params: refParams },
  responses: { 200: answer(settingsWire, 'Settings of the data API') },
});

/** Settings of PostgREST (`/platform/projects/{ref}/config/postgrest`). */
export const dataApiSettings = createRouter().openapi(get, async (c) => {
  const { project } = await findProject(ctxOf(c), c.req.valid('param').ref, 'projects:read');
  return c.json(toWire(project), 200);
});

function toWire(project: Project): z.infer<typeof settingsWire> {
  const rest = liveSpec.shape.rest.parse(JSON.parse(project.rest));
  return {
    db_schema: rest.schemas.join(','),
    db_extra_search_path: rest.extraSearchPath.join(','),
    max_rows: rest.maxRows,
    db_anon_role: 'anon',
    role_claim_key: '.role',
    // a setting that everybody may read is no place for it
    jwt_secret: '',
  };
}
