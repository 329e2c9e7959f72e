import { createRoute, z } from '@hono/zod-openapi';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { nameBody, shortProject, shortProjectWire } from '../http/wire/named.ts';
import { refParams } from '../http/wire/params.ts';
import { projectStatus } from '../http/wire/project-list.ts';
import { prefixedVersion } from '../http/wire/versions.ts';
import { database, gateway } from '../projects/endpoint.ts';
import { findProject, type Project } from '../projects/find.ts';
import { isoTime } from '../projects/iso-time.ts';
import { databaseVersion } from '../projects/releases.ts';
import { renameProject } from '../projects/rename.ts';
import { setPower } from '../projects/set-power.ts';
import { statusReason } from '../projects/status-reason.ts';
import { projectSummary, projectSummaryWire } from './project-wire.ts';

const path = '/projects/{ref}';

const projectWire = projectSummaryWire.extend({
  connectionString: z.string(),
  db_host: z.string(),
  dbVersion: z.string(),
  high_availability: z.boolean(),
  restUrl: z.string(),
  status_reason: z.string().nullable(),
  updated_at: z.string(),
});
const statusWire = z.object({ status: projectStatus, status_reason: z.string().nullable() });

const get = createRoute({
  method: 'get',
  path,
  request: { params: refParams },
  responses: { 200: answer(projectWire, 'The project; `status_reason` says why it is not up') },
});

const rename = createRoute({
  method: 'patch',
  path,
  request: { params: refParams, body: nameBody },
  responses: { 200: answer(shortProjectWire, 'The project has the name') },
});

const remove = createRoute({
  method: 'delete',
  path,
  request: { params: refParams },
  responses: { 200: answer(shortProjectWire, 'The project is going; it is gone once its host said so') },
});

const getStatus = createRoute({
  method: 'get',
  path: `${path}/status`,
  request: { params: refParams },
  responses: { 200: answer(statusWire, 'The status, and in `status_reason` why it is not up') },
});

/** One project (`/platform/projects/{ref}`). */
export const projectDetail = createRouter()
  .openapi(get, async (c) => {
    const { project } = await findProject(ctxOf(c), c.req.valid('param').ref, 'projects:read');
    return c.json(toWire(project), 200);
  })
  .openapi(rename, async (c) => {
    const { ref } = c.req.valid('param');
    return c.json(shortProject(await renameProject(ctxOf(c), { ref, ...c.req.valid('json') })), 200);
  })
  .openapi(remove, async (c) => {
    const { ref } = c.req.valid('param');
    return c.json(shortProject(await setPower(ctxOf(c), { ref, verb: 'remove' })), 200);
  })
  .openapi(getStatus, async (c) => {
    const { project } = await findProject(ctxOf(c), c.req.valid('param').ref, 'projects:read');
    return c.json({ status: project.status, status_reason: statusReason(project) }, 200);
  });

function toWire(project: Project): z.infer<typeof projectWire> {
  return {
    ...projectSummary(project),
    // Studio sends nothing to pg-meta without one; it is only ever a name, the ref in the path decides
    connectionString: opaqueConnectionString(project.ref),
    db_host: database(project).host,
    dbVersion: prefixedVersion(databaseVersion(project)),
    high_availability: false,
    restUrl: `${gateway(project).url}/rest/v1/`,
    status_reason: statusReason(project),
    subscription_id: '',
    updated_at: isoTime(project.changedAt),
  };
}

/** What Studio sends back as `x-connection-encrypted`; nothing here reads it. */
export function opaqueConnectionString(ref: string): string {
  return `supafleet:${ref}`;
}
