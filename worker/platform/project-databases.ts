import { createRoute, z } from '@hono/zod-openapi';
import { answer, emptyList } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { refParams } from '../http/wire/params.ts';
import { databaseStatuses, projectStatus } from '../http/wire/project-list.ts';
import { databaseLogin, gateway } from '../projects/endpoint.ts';
import { findProject, type Project } from '../projects/find.ts';
import { serviceVersions } from '../projects/health.ts';
import { isoTime } from '../projects/iso-time.ts';
import { databaseVersion } from '../projects/releases.ts';
import { opaqueConnectionString } from './project-detail.ts';

const databaseWire = z.object({
  cloud_provider: z.string(),
  connection_string_read_only: z.string(),
  connectionString: z.string(),
  db_host: z.string(),
  db_name: z.string(),
  db_port: z.number(),
  db_user: z.string(),
  identifier: z.string(),
  inserted_at: z.string(),
  region: z.string(),
  restUrl: z.string(),
  size: z.string(),
  status: projectStatus,
});
const versionsWire = z.object({
  'supabase-postgres': z.string(),
  gotrue: z.string().optional(),
  postgrest: z.string().optional(),
});

const list = createRoute({
  method: 'get',
  path: '/projects/{ref}/databases',
  request: { params: refParams },
  responses: { 200: answer(z.array(databaseWire), 'The primary; there are no read replicas') },
});

const statuses = createRoute({
  method: 'get',
  path: '/projects/{ref}/databases-statuses',
  request: { params: refParams },
  responses: {
    200: answer(z.array(z.object({ identifier: z.string(), status: projectStatus })), 'The status of the primary'),
  },
});

const loadBalancers = createRoute({
  method: 'get',
  path: '/projects/{ref}/load-balancers',
  request: { params: refParams },
  responses: { 200: answer(emptyList, 'None: there is one database') },
});

const versions = createRoute({
  method: 'get',
  path: '/projects/{ref}/service-versions',
  request: { params: refParams },
  responses: { 200: answer(versionsWire, 'Versions as the host reports them') },
});

/** The databases of a project (`/platform/projects/{ref}/databases…`). */
export const projectDatabases = createRouter()
  .openapi(list, async (c) => {
    const { project } = await findProject(ctxOf(c), c.req.valid('param').ref, 'projects:read');
    return c.json([toWire(project)], 200);
  })
  .openapi(statuses, async (c) => {
    const { project } = await findProject(ctxOf(c), c.req.valid('param').ref, 'projects:read');
    return c.json([{ identifier: project.ref, status: databaseStatuses[project.status] }], 200);
  })
  .openapi(loadBalancers, async (c) => {
    await findProject(ctxOf(c), c.req.valid('param').ref, 'projects:read');
    return c.json([], 200);
  })
  .openapi(versions, async (c) => {
    const { project } = await findProject(ctxOf(c), c.req.valid('param').ref, 'projects:read');
    const { db, auth, rest } = serviceVersions(project);
    return c.json(
      {
        'supabase-postgres': db ?? databaseVersion(project),
        ...(auth !== null && { gotrue: auth }),
        ...(rest !== null && { postgrest: rest }),
      },
      200,
    );
  });

function toWire(project: Project): z.infer<typeof databaseWire> {
  const { host, port, user } = databaseLogin(project);
  return {
    cloud_provider: project.cloudProvider,
    connection_string_read_only: opaqueConnectionString(project.ref),
    connectionString: opaqueConnectionString(project.ref),
    db_host: host,
    db_name: 'postgres',
    db_port: port,
    db_user: user,
    identifier: project.ref,
    inserted_at: isoTime(project.createdAt),
    region: project.region,
    restUrl: `${gateway(project).url}/rest/v1/`,
    size: project.size,
    status: databaseStatuses[project.status],
  };
}
