import { createRoute, z } from '@hono/zod-openapi';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { pageOf, pageQuery, pagination } from '../http/wire/project-list.ts';
import { cloudProvider, regionCode, regionOf, regionSelection } from '../http/wire/regions.ts';
import { type CreatedProject, type CreateProjectInput, createProject } from '../projects/create.ts';
import { databasePassword } from '../projects/database-password.ts';
import { gateway } from '../projects/endpoint.ts';
import { instanceSize } from '../projects/instance-size.ts';
import { listProjects } from '../projects/list.ts';
import { givenName } from '../projects/name.ts';
import { postgresEngine, projectSummary, projectSummaryWire } from './project-wire.ts';

/** A schema's name as it goes into PostgREST's comma-separated list. */
const schemaName = z.string().regex(/^[^,"\p{Cc}\p{Cs}]{1,63}$/u, 'must be the name of a schema');

const notYet = (what: string) => `${what} is not available when a project is created`;

const createBody = z.object({
  organization_slug: z.string().max(100),
  name: givenName,
  db_pass: databasePassword.optional(),
  cloud_provider: cloudProvider.default('AWS'),
  db_region: regionCode.optional(),
  region_selection: regionSelection.optional(),
  desired_instance_size: instanceSize.default('micro'),
  postgres_engine: postgresEngine.optional(),
  data_api_exposed_schemas: z.array(schemaName).min(1, notYet('switching the data API off')).max(50).optional(),
  data_api_use_api_schema: z.literal(false, notYet('a schema of its own for the data API')).optional(),
  high_availability: z.literal(false, notYet('high availability')).optional(),
  db_sql: z
    .literal('', `${notYet('running SQL (automatic RLS, new tables not exposed)')}; run it once the project is up`)
    .optional(),
});

const createdWire = projectSummaryWire.extend({ endpoint: z.string(), anon_key: z.string(), service_key: z.string() });

const create = createRoute({
  method: 'post',
  path: '/projects',
  request: { body: { required: true, content: { 'application/json': { schema: createBody } } } },
  responses: { 201: answer(createdWire, 'The project is coming up') },
});

const list = createRoute({
  method: 'get',
  path: '/projects',
  request: { query: pageQuery },
  responses: {
    200: answer(
      z.object({ pagination, projects: z.array(projectSummaryWire) }),
      'A page of all projects the account may see',
    ),
  },
});

/** All projects, and new ones (`/platform/projects`). */
export const projects = createRouter()
  .openapi(create, async (c) => c.json(createdToWire(await createProject(ctxOf(c), inputOf(c.req.valid('json')))), 201))
  .openapi(list, async (c) => {
    const page = pageOf(c.req.valid('query'), null);
    const { projects: found, count } = await listProjects(ctxOf(c), page);
    const { limit, offset } = page;
    return c.json({ pagination: { count, limit, offset }, projects: found.map(projectSummary) }, 200);
  });

function inputOf(body: z.infer<typeof createBody>): CreateProjectInput {
  return {
    organizationSlug: body.organization_slug,
    name: body.name,
    dbPassword: body.db_pass ?? null,
    cloudProvider: body.cloud_provider,
    size: body.desired_instance_size,
    release: null,
    profile: null,
    region: regionOf(body.region_selection, body.db_region),
    exposedSchemas: body.data_api_exposed_schemas ?? null,
  };
}

function createdToWire(project: CreatedProject): z.infer<typeof createdWire> {
  const expected = { ...project, gatewayProtocol: null, gatewayEndpoint: null };
  return {
    ...projectSummary(project),
    endpoint: gateway(expected).url,
    anon_key: project.secrets.anonKey,
    service_key: project.secrets.serviceRoleKey,
  };
}
