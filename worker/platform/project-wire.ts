import { z } from '@hono/zod-openapi';
import { projectStatus } from '../http/wire/project-list.ts';
import { prefixedVersion } from '../http/wire/versions.ts';
import type { Project } from '../projects/find.ts';
import { isoTime } from '../projects/iso-time.ts';
import { newestRelease, postgresMajor, postgresTag } from '../projects/releases.ts';

// words of Studio's contract that several routes share

const postgresVersion = postgresMajor(newestRelease) ?? '';

/** The engine new and restored projects get; any other is refused by name. */
export const postgresEngine = z.literal(postgresVersion, `only ${postgresVersion} is available`);

export const availableVersionsWire = z.object({
  available_versions: z.array(
    z.object({ postgres_engine: z.string(), release_channel: z.string(), version: z.string() }),
  ),
});

/** One version as Studio's selectors want it. */
export function availableVersion(engine: string, version: string): z.infer<typeof availableVersionsWire> {
  return {
    available_versions: [{ postgres_engine: engine, release_channel: 'ga', version: prefixedVersion(version) }],
  };
}

/** What new projects get. */
export const newProjectVersion = availableVersion(postgresVersion, postgresTag(newestRelease) ?? postgresVersion);

export const projectSummaryWire = z.object({
  id: z.number(),
  ref: z.string(),
  name: z.string(),
  organization_id: z.number(),
  organization_slug: z.string(),
  cloud_provider: z.string(),
  infra_compute_size: z.string(),
  region: z.string(),
  status: projectStatus,
  inserted_at: z.string(),
  is_branch_enabled: z.boolean(),
  is_physical_backups_enabled: z.boolean(),
  preview_branch_refs: z.array(z.string()),
  subscription_id: z.string().nullable(),
});

/** What every list and answer about a project has in common. */
export function projectSummary(project: Pick<Project, SummaryField>): z.infer<typeof projectSummaryWire> {
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
    preview_branch_refs: [],
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
