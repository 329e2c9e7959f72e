import { z } from '@hono/zod-openapi';
import { projectStatuses } from '../../schema/project-status.ts';
import { database } from '../projects/endpoint.ts';
import type { Project } from '../projects/find.ts';
import { isoTime } from '../projects/iso-time.ts';
import { databaseVersion } from '../projects/releases.ts';

export const projectWire = z.object({
  id: z.string(),
  ref: z.string(),
  organization_id: z.string(),
  organization_slug: z.string(),
  name: z.string(),
  region: z.string(),
  status: z.enum(projectStatuses),
  created_at: z.string(),
});
export const projectWithDatabaseWire = projectWire.extend({
  database: z.object({
    host: z.string(),
    version: z.string(),
    postgres_engine: z.string(),
    release_channel: z.string(),
  }),
});

/** A project as the Management API has it; `id` and `organization_id` are older names of ref and slug. */
export function projectToWire(
  project: Pick<Project, 'ref' | 'organizationSlug' | 'name' | 'region' | 'status' | 'createdAt'>,
): z.infer<typeof projectWire> {
  return {
    id: project.ref,
    ref: project.ref,
    organization_id: project.organizationSlug,
    organization_slug: project.organizationSlug,
    name: project.name,
    region: project.region,
    status: project.status,
    created_at: isoTime(project.createdAt),
  };
}

/** As `projectToWire`, with where its database is. */
export function projectWithDatabaseToWire(project: Project): z.infer<typeof projectWithDatabaseWire> {
  return {
    ...projectToWire(project),
    database: {
      host: database(project).host,
      version: databaseVersion(project),
      postgres_engine: project.postgresVersion,
      release_channel: 'ga',
    },
  };
}
