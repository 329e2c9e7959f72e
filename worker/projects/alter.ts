import type { AuditEntry } from '../../schema/audit-entry.ts';
import type { Change, ProjectStatus } from '../../schema/project-status.ts';
import type { Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { StackColumns } from '../store/alterations.ts';
import { findProject, type Project, withStatus } from './find.ts';

/** What a project's stack shall be made of from now on, and what is said of it. */
export type Alteration = {
  columns: Partial<StackColumns>;
  change: Change;
  audit: Pick<AuditEntry, 'action' | 'details'>;
};

/** From which statuses a stack may be altered: while it is on its way elsewhere, that has to end first. */
const from: readonly ProjectStatus[] = [
  'ACTIVE_HEALTHY',
  'ACTIVE_UNHEALTHY',
  'INACTIVE',
  'INIT_FAILED',
  'PAUSE_FAILED',
  'RESTORE_FAILED',
  'RESIZING',
  'UPGRADING',
  'UNKNOWN',
];

/**
 * Changes what a project's stack is made of; its agent does the rest. `alteration` says what is to change, or null when
 * all is so already; it throws what it refuses. A paused project is altered when it comes back.
 * Errors: `not_found`, `forbidden`, `wrong_state`, `conflict` when somebody else changed it meanwhile.
 */
export async function alterProject(
  ctx: Ctx,
  ref: string,
  alteration: (project: Project) => Alteration | null,
): Promise<Project> {
  const { actor, project } = await findProject(ctx, ref, 'projects:update');
  if (project.power === 'removed') throw new AppError('wrong_state', 'The project is being removed');
  if (project.hostRevokedAt !== null) {
    throw new AppError('wrong_state', 'The host of this project was revoked; the project can only be removed');
  }
  const wanted = alteration(project);
  if (wanted === null) return project;
  if (!from.includes(project.status)) {
    throw new AppError('wrong_state', `A project that is ${project.status} cannot be changed; wait until that is over`);
  }
  const { columns, change, audit } = wanted;
  const at = ctx.deps.clock.now();
  const altered = await ctx.deps.store.alterations.alter(
    { ref: project.ref, generation: project.generation, columns, change, at },
    {
      entry: { organizationId: project.organizationId, target: project.ref, ...audit },
      actor,
      request: ctx.request,
    },
  );
  if (!altered) {
    throw new AppError('conflict', 'The project was changed by somebody else at the same time; try again');
  }
  return withStatus(ctx, { ...project, ...columns, change, generation: project.generation + 1, changedAt: at });
}
