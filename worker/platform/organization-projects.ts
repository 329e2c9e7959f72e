import { createRoute, z } from '@hono/zod-openapi';
import { projectStatuses } from '../../schema/project-status.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import type { Project } from '../projects/find.ts';
import { isoTime } from '../projects/iso-time.ts';
import { listOrganizationProjects } from '../projects/list.ts';
import { databaseStatuses, pageOf, pageQuery, slugParams } from './project-wire.ts';

/** `ACTIVE_HEALTHY,INACTIVE` */
const statusList = z
  .string()
  .max(500)
  .transform((text) => text.split(',').filter((status) => status !== ''))
  .pipe(z.array(z.enum([...projectStatuses, 'UPGRADING'])));

const list = createRoute({
  method: 'get',
  path: '/organizations/{slug}/projects',
  request: { params: slugParams, query: pageQuery.extend({ statuses: statusList.optional() }) },
  responses: { 200: { description: 'A page of the organization’s projects with the count of all that match' } },
});

/** The projects of an organization (`/platform/organizations/{slug}/projects`). */
export const organizationProjects = createRouter().openapi(list, async (c) => {
  const { statuses = [], ...query } = c.req.valid('query');
  const page = pageOf(query, statuses.length === 0 ? null : statuses);
  const { projects, count } = await listOrganizationProjects(ctxOf(c), c.req.valid('param').slug, page);
  const { limit, offset } = page;
  return c.json({ pagination: { count, limit, offset }, projects: projects.map(toWire) }, 200);
});

function toWire(project: Project) {
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
        type: 'PRIMARY' as const,
        status: databaseStatuses[status],
        region,
        cloud_provider: cloudProvider,
        infra_compute_size: size,
      },
    ],
  };
}
