import { createRoute } from '@hono/zod-openapi';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { database, gateway } from '../projects/endpoint.ts';
import { findProject, type Project } from '../projects/find.ts';
import { serviceVersions } from '../projects/health.ts';
import { isoTime } from '../projects/iso-time.ts';
import { opaqueConnectionString } from './project-detail.ts';
import { databaseStatuses, refParams } from './project-wire.ts';

const list = createRoute({
  method: 'get',
  path: '/projects/{ref}/databases',
  request: { params: refParams },
  responses: { 200: { description: 'The primary; there are no read replicas' } },
});

const statuses = createRoute({
  method: 'get',
  path: '/projects/{ref}/databases-statuses',
  request: { params: refParams },
  responses: { 200: { description: 'The status of the primary' } },
});

const loadBalancers = createRoute({
  method: 'get',
  path: '/projects/{ref}/load-balancers',
  request: { params: refParams },
  responses: { 200: { description: 'None: there is one database' } },
});

const versions = createRoute({
  method: 'get',
  path: '/projects/{ref}/service-versions',
  request: { params: refParams },
  responses: { 200: { description: 'Versions as the host reports them' } },
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
        'supabase-postgres': db ?? project.postgresVersion,
        ...(auth !== null && { gotrue: auth }),
        ...(rest !== null && { postgrest: rest }),
      },
      200,
    );
  });

function toWire(project: Project) {
  const { host, port } = database(project);
  return {
    cloud_provider: project.cloudProvider,
    connection_string_read_only: opaqueConnectionString(project.ref),
    connectionString: opaqueConnectionString(project.ref),
    db_host: host,
    db_name: 'postgres',
    db_port: port,
    db_user: 'postgres',
    identifier: project.ref,
    inserted_at: isoTime(project.createdAt),
    region: project.region,
    restUrl: `${gateway(project).url}/rest/v1/`,
    size: project.size,
    status: databaseStatuses[project.status],
  };
}
