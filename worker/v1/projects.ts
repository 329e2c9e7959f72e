import { createRoute, z } from '@hono/zod-openapi';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { wholeList } from '../http/wire/named.ts';
import {
  cloudProvider,
  regionCode,
  regionOf,
  regionSelection,
  regionsToWire,
  regionsWire,
} from '../http/wire/regions.ts';
import { availableRegions } from '../projects/available-regions.ts';
import { createProject } from '../projects/create.ts';
import { databasePassword } from '../projects/database-password.ts';
import { instanceSize } from '../projects/instance-size.ts';
import { listProjects } from '../projects/list.ts';
import { givenName } from '../projects/name.ts';
import { projectToWire, projectWire, projectWithDatabaseToWire, projectWithDatabaseWire } from './project-wire.ts';

const list = createRoute({
  method: 'get',
  path: '/projects',
  request: { query: wholeList },
  responses: { 200: answer(z.array(projectWithDatabaseWire), 'Projects the account may see') },
});

const createBody = z.object({
  organization_slug: z.string().max(100).optional(),
  /** what it was called before; a slug as well */
  organization_id: z.string().max(100).optional(),
  name: givenName,
  db_pass: databasePassword,
  region: regionCode.optional(),
  region_selection: regionSelection.optional(),
  desired_instance_size: instanceSize.default('micro'),
  template_url: z.undefined('project templates are not available').optional().openapi({ type: 'null' }),
});

const create = createRoute({
  method: 'post',
  path: '/projects',
  request: { body: { required: true, content: { 'application/json': { schema: createBody } } } },
  responses: { 201: answer(projectWire, 'The project is coming up') },
});

const regions = createRoute({
  method: 'get',
  path: '/projects/available-regions',
  request: {
    query: z.object({ organization_slug: z.string().max(100), desired_instance_size: instanceSize.optional() }),
  },
  responses: { 200: answer(regionsWire, 'Regions in which a new project would find a host') },
});

/** All projects (`/v1/projects`), as the CLI lists and creates them. */
export const v1Projects = createRouter()
  .openapi(list, async (c) => {
    const page = { ...c.req.valid('query'), sort: 'created_desc' as const, search: '', statuses: null };
    const { projects } = await listProjects(ctxOf(c), page);
    return c.json(projects.map(projectWithDatabaseToWire), 200);
  })
  .openapi(create, async (c) => {
    const body = c.req.valid('json');
    const project = await createProject(ctxOf(c), {
      organizationSlug: body.organization_slug ?? body.organization_id ?? '',
      name: body.name,
      dbPassword: body.db_pass,
      cloudProvider: 'AWS',
      size: body.desired_instance_size,
      release: null,
      profile: null,
      region: regionOf(body.region_selection, body.region),
      exposedSchemas: null,
    });
    return c.json(projectToWire(project), 201);
  })
  .openapi(regions, async (c) => {
    const codes = await availableRegions(ctxOf(c), c.req.valid('query').organization_slug);
    return c.json(regionsToWire(codes, cloudProvider.enum.AWS), 200);
  });
