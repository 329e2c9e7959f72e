import type { AuditAction } from '../../schema/audit-entry.ts';
import type { Change, Power, ProjectStatus } from '../../schema/project-status.ts';
import type { Action } from '../../schema/roles.ts';
import type { Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { findProject, type Project } from './find.ts';
import { status } from './status.ts';

export type PowerVerb = 'pause' | 'restore' | 'restart' | 'remove';

type Rule = { action: Action; power: Power; change: Change; audit: AuditAction; from: readonly ProjectStatus[] };

/** From which statuses each verb is allowed, and what it asks for. */
const rules = {
  pause: {
    action: 'projects:power',
    power: 'paused',
    change: 'pause',
    audit: 'project.pause',
    from: ['ACTIVE_HEALTHY', 'ACTIVE_UNHEALTHY', 'PAUSE_FAILED', 'RESTORE_FAILED', 'UNKNOWN'],
  },
  restore: {
    action: 'projects:power',
    power: 'running',
    change: 'restore',
    audit: 'project.restore',
    from: ['INACTIVE', 'PAUSE_FAILED', 'RESTORE_FAILED', 'INIT_FAILED'],
  },
  restart: {
    action: 'projects:power',
    power: 'running',
    change: 'restart',
    audit: 'project.restart',
    from: ['ACTIVE_HEALTHY', 'ACTIVE_UNHEALTHY', 'RESTORE_FAILED', 'UNKNOWN'],
  },
  remove: {
    action: 'projects:delete',
    power: 'removed',
    change: 'remove',
    audit: 'project.remove',
    from: [
      'ACTIVE_HEALTHY',
      'ACTIVE_UNHEALTHY',
      'COMING_UP',
      'INACTIVE',
      'INIT_FAILED',
      'PAUSING',
      'PAUSE_FAILED',
      'RESTARTING',
      'RESTORING',
      'RESTORE_FAILED',
      'UNKNOWN',
    ],
  },
} as const satisfies Record<PowerVerb, Rule>;

/**
 * Pauses, restores, restarts or removes a project: the outline every use case follows.
 * Errors: `not_found`, `forbidden`, `wrong_state`, `conflict` when somebody else changed it meanwhile.
 */
export async function setPower(ctx: Ctx, input: { ref: string; verb: PowerVerb }): Promise<Project> {
  const rule: Rule = rules[input.verb];
  const { actor, project } = await findProject(ctx, input.ref, rule.action);
  if (!rule.from.includes(project.status)) {
    throw new AppError('wrong_state', `A project that is ${project.status} cannot be asked to ${input.verb}`);
  }
  const changed = await ctx.deps.store.projects.setPower(
    {
      ref: project.ref,
      generation: project.generation,
      power: rule.power,
      change: rule.change,
      restart: input.verb === 'restart',
      at: ctx.deps.clock.now(),
    },
    {
      entry: { organizationId: project.organizationId, action: rule.audit, target: project.ref },
      actor,
      request: ctx.request,
    },
  );
  if (!changed) throw new AppError('conflict', 'The project was changed by somebody else at the same time; try again');
  const next = { ...project, power: rule.power, change: rule.change, generation: project.generation + 1 };
  return { ...next, status: status(next, ctx.deps.clock.now(), ctx.deps.config.agents) };
}
