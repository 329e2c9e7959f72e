import { z } from '@hono/zod-openapi';
import type { ProjectStatus } from '../../schema/project-status.ts';
import { postgresVersion } from '../projects/create.ts';
import type { Project } from '../projects/find.ts';
import { isoTime } from '../projects/iso-time.ts';
import type { Page } from '../projects/list.ts';

// words of Studio's contract that several routes share

export const refParams = z.object({ ref: z.string().max(100) });
export const slugParams = z.object({ slug: z.string().max(100) });

export const cloudProvider = z.enum(['AWS', 'FLY', 'AWS_K8S', 'AWS_NIMBUS']);

/** The engine new and restored projects get; any other is refused by name. */
export const postgresEngine = z.literal(postgresVersion, `only ${postgresVersion} is available`);

/** Versions as Studio's selectors want them. */
export const availableVersions = {
  available_versions: [
    { postgres_engine: postgresVersion, release_channel: 'ga', version: databaseVersion(postgresVersion) },
  ],
};

/** Studio takes what follows the prefix for the version, and fails without it. */
export function databaseVersion(version: string): string {
  return `supabase-postgres-${version}`;
}

/** The statuses a database can have, which are fewer than a project's. */
export const databaseStatuses = {
  ACTIVE_HEALTHY: 'ACTIVE_HEALTHY',
  ACTIVE_UNHEALTHY: 'ACTIVE_UNHEALTHY',
  COMING_UP: 'COMING_UP',
  GOING_DOWN: 'GOING_DOWN',
  INACTIVE: 'UNKNOWN',
  INIT_FAILED: 'INIT_FAILED',
  PAUSING: 'GOING_DOWN',
  PAUSE_FAILED: 'ACTIVE_UNHEALTHY',
  REMOVED: 'REMOVED',
  RESTARTING: 'RESTARTING',
  RESTORING: 'RESTORING',
  RESTORE_FAILED: 'ACTIVE_UNHEALTHY',
  RESIZING: 'RESIZING',
  UNKNOWN: 'UNKNOWN',
} as const satisfies Record<ProjectStatus, ProjectStatus>;

/** What every list and answer about a project has in common. */
export function projectSummary(project: Pick<Project, SummaryField>) {
  return {
    id: project.id,
    ref: project.ref,
    name: project.name,
    organization_id: project.organizationId,
    organization_slug: project.organizationSlug,
    cloud_provider: project.cloudProvider,
    infra_compute_size: project.size,
    region: project.region,
    status: project.status,
    inserted_at: isoTime(project.createdAt),
    is_branch_enabled: false,
    is_physical_backups_enabled: false,
    preview_branch_refs: [] as string[],
    subscription_id: null,
  };
}
type SummaryField =
  | 'id'
  | 'ref'
  | 'name'
  | 'organizationId'
  | 'organizationSlug'
  | 'cloudProvider'
  | 'size'
  | 'region'
  | 'status'
  | 'createdAt';

/** A page as clients ask for it. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  offset: z.coerce.number().int().min(0).max(1_000_000_000).default(0),
  search: z.string().max(256).default(''),
  sort: z.enum(['name_asc', 'name_desc', 'created_asc', 'created_desc']).default('name_asc'),
});

export function pageOf(query: z.infer<typeof pageQuery>, statuses: readonly string[] | null): Page {
  return { ...query, statuses };
}
