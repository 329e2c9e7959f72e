import type { AuditAction, AuditEntry } from '../../schema/audit-entry.ts';
import type { Change, Power, ProjectStatus } from '../../schema/project-status.ts';
import type { Action } from '../../schema/roles.ts';
import type { Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { findProject, type Project, withStatus } from './find.ts';

export type PowerVerb = 'pause' | 'restore' | 'restart' | 'remove';

type Rule = {
  action: Action;
  power: Power;
  change: Change;
  audit: AuditAction;
  from: readonly ProjectStatus[];
  /** what a project whose host is silent must have been asked to be */
  fromUnknown: readonly Power[];
};

/** From which statuses each verb is allowed, and what it asks for. */
const rules = {
  pause: {
    action: 'projects:power',
    power: 'paused',
    change: 'pause',
    audit: 'project.pause',
    from: ['ACTIVE_HEALTHY', 'ACTIVE_UNHEALTHY', 'PAUSE_FAILED', 'RESTORE_FAILED'],
    fromUnknown: ['running'],
  },
  restore: {
    action: 'projects:power',
    power: 'running',
    change: 'restore',
    audit: 'project.restore',
    from: ['INACTIVE', 'PAUSE_FAILED', 'RESTORE_FAILED', 'INIT_FAILED'],
    fromUnknown: ['paused'],
  },
  restart: {
    action: 'projects:power',
    power: 'running',
    change: 'restart',
    audit: 'project.restart',
    from: ['ACTIVE_HEALTHY', 'ACTIVE_UNHEALTHY', 'RESTORE_FAILED', 'INIT_FAILED'],
    fromUnknown: ['running'],
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
      'RESIZING',
      'RESTARTING',
      'RESTORING',
      'RESTORE_FAILED',
      'UPGRADING',
    ],
    fromUnknown: ['running', 'paused'],
  },
} as const satisfies Record<PowerVerb, Rule>;

/**
 * Pauses, restores, restarts or removes a project: the outline every use case follows. A project whose host was revoked
 * can only be removed, and is at once: nobody will ever report that it is gone.
 * Errors: `not_found`, `forbidden`, `wrong_state`, `conflict` when somebody else changed it meanwhile.
 */
export async function setPower(ctx: Ctx, input: { ref: string; verb: PowerVerb }): Promise<Project> {
  const rule: Rule = rules[input.verb];
  const { actor, project } = await findProject(ctx, input.ref, rule.action);
  const isAbandoned = project.hostRevokedAt !== null;
  if (project.power === 'removed' && rule.power === 'removed' && !isAbandoned) return project;
  if (isAbandoned && rule.power !== 'removed') {
    throw new AppError('wrong_state', 'The host of this project was revoked; the project can only be removed');
  }
  if (!isAbandoned && !isAllowed(rule, project)) {
    throw new AppError('wrong_state', `A project that is ${project.status} cannot be asked to ${input.verb}`);
  }
  const { projects } = ctx.deps.store;
  const change = { ref: project.ref, generation: project.generation, at: ctx.deps.clock.now() };
  const audit = {
    entry: { organizationId: project.organizationId, action: rule.audit, target: project.ref },
    actor,
    request: ctx.request,
  };
  const next = {
    ...project,
    power: rule.power,
    change: rule.change,
    generation: project.generation + 1,
    changedAt: change.at,
  };
  if (rule.power === 'removed' && (isAbandoned || project.firstPort === null)) {
    const details = isAbandoned ? leftBehind(project) : {};
    if (!(await projects.removeAtOnce({ ...change, details }, audit))) throw changedMeanwhile();
    return withStatus(ctx, next);
  }
  const changed = await projects.setPower(
    {
      ...change,
      power: rule.power,
      change: rule.change,
      restart: input.verb === 'restart',
      takePorts: rule.power === 'running',
    },
    audit,
  );
  if (changed === null) throw changedMeanwhile();
  return withStatus(ctx, { ...next, firstPort: changed.firstPort });
}

/** For the audit log: a revoked host is asked for nothing any more, so all of the project may still lie there. */
function leftBehind({ hostId, hostName }: Project): NonNullable<AuditEntry['details']> {
  return { host: hostId, hostName, hostRevoked: true, mayBeLeftThere: 'its stack, data and secrets' };
}

function isAllowed(rule: Rule, project: Project): boolean {
  return project.status === 'UNKNOWN' ? rule.fromUnknown.includes(project.power) : rule.from.includes(project.status);
}

function changedMeanwhile(): AppError {
  return new AppError('conflict', 'The project was changed by somebody else at the same time; try again');
}
