import { createRoute, z } from '@hono/zod-openapi';
import { projectStatuses } from '../../schema/project-status.ts';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { slugParams } from '../http/wire/params.ts';
import type { Project } from '../projects/find.ts';
import { isoTime } from '../projects/iso-time.ts';
import { listOrganizationProjects } from '../projects/list.ts';
import { databaseStatuses, pageOf, pageQuery, pagination, projectStatus } from './project-wire.ts';

/** `ACTIVE_HEALTHY,INACTIVE` */
const statusList = z
  .string()
  .max(500)
  .transform((text) => text.split(',').filter((status) => status !== ''))
  .pipe(z.array(z.enum(projectStatuses)));

const projectWire = z.object({
  ref: z.string(),
  name: z.string(),
  region: z.string(),
  status: projectStatus,
  cloud_provider: z.string(),
  inserted_at: z.string(),
  is_branch: z.boolean(),
  databases: z.array(
    z.object({
      identifier: z.string(),
      type: z.literal('PRIMARY'),
      status: projectStatus,
      region: z.string(),
      cloud_provider: z.string(),
      infra_compute_size: z.string(),
    }),
  ),
});

const list = createRoute({
  method: 'get',
  path: '/organizations/{slug}/projects',
  request: { params: slugParams, query: pageQuery.extend({ statuses: statusList.optional() }) },
  responses: {
    200: answer(
      z.object({ pagination, projects: z.array(projectWire) }),
      'A page of the organization’s projects with the count of all that match',
    ),
  },
});

/** The projects of an organization (`/platform/organizations/{slug}/projects`). */
export const organizationProjects = createRouter().openapi(list, async (c) => {
  const { statuses = [], ...query } = c.req.valid('query');
  const page = pageOf(query, statuses.length === 0 ? null : statuses);
  const { projects, count } = await listOrganizationProjects(ctxOf(c), c.req.valid('param').slug, page);
  const { limit, offset } = page;
  return c.json({ pagination: { count, limit, offset }, projects: projects.map(toWire) }, 200);
});

function toWire(project: Project): z.infer<typeof projectWire> {
  const { ref, name, region, status, cloudProvider, size } = project;
  return {
    ref,
    name,
    region,
    status,
    cloud_provider: cloudProvider,
    inserted_at: isoTime(project.createdAt),
    is_branch: false,
    databases: [
      {
        identifier: ref,
        type: 'PRIMARY',
        status: databaseStatuses[status],
        region,
        cloud_provider: cloudProvider,
        infra_compute_size: size,
      },
    ],
  };
}
