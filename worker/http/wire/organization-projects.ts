import { z } from '@hono/zod-openapi';
import { projectStatuses } from '../../../schema/project-status.ts';
import type { Project } from '../../projects/find.ts';
import { isoTime } from '../../projects/iso-time.ts';
import type { Page } from '../../projects/list.ts';
import { databaseStatuses, pageOf, pageQuery, pagination, projectStatus } from './project-list.ts';

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

export const organizationProjectsQuery = pageQuery.extend({ statuses: statusList.optional() });
export const organizationProjectsWire = z.object({ pagination, projects: z.array(projectWire) });

/** The page that was asked for. */
export function organizationPage({ statuses = [], ...query }: z.infer<typeof organizationProjectsQuery>): Page {
  return pageOf(query, statuses.length === 0 ? null : statuses);
}

/** A page of an organization’s projects with the count of all that match. */
export function organizationProjects(
  { projects, count }: { projects: Project[]; count: number },
  { limit, offset }: Page,
): z.infer<typeof organizationProjectsWire> {
  return { pagination: { count, limit, offset }, projects: projects.map(toWire) };
}

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
