import { z } from '@hono/zod-openapi';
import { type ProjectStatus, projectStatuses } from '../../../schema/project-status.ts';
import type { Page } from '../../projects/list.ts';
import { listWindow } from './params.ts';

// pages of projects, as both of Supabase's APIs have them

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
  UPGRADING: 'RESTARTING',
  UNKNOWN: 'UNKNOWN',
} as const satisfies Record<ProjectStatus, ProjectStatus>;

export const projectStatus = z.enum(projectStatuses);

/** A page of a list, and how many there are in all. */
export const pagination = z.object({ count: z.number(), limit: z.number(), offset: z.number() });

/** A page as clients ask for it. */
export const pageQuery = listWindow(100).extend({
  search: z.string().max(256).default(''),
  sort: z.enum(['name_asc', 'name_desc', 'created_asc', 'created_desc']).default('name_asc'),
});

/** The page of a validated query; `statuses` null: any. */
export function pageOf(query: z.infer<typeof pageQuery>, statuses: readonly string[] | null): Page {
  return { ...query, statuses };
}
