import { database } from '../projects/endpoint.ts';
import type { Project } from '../projects/find.ts';
import { isoTime } from '../projects/iso-time.ts';

/** A project as the Management API has it; `id` and `organization_id` are older names of ref and slug. */
export function projectToWire(
  project: Pick<Project, 'ref' | 'organizationSlug' | 'name' | 'region' | 'status' | 'createdAt'>,
) {
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

export function projectWithDatabaseToWire(project: Project) {
  return {
    ...projectToWire(project),
    database: {
      host: database(project).host,
      version: project.postgresVersion,
      postgres_engine: project.postgresVersion,
      release_channel: 'ga',
    },
  };
}
