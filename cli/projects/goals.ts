import type { ProjectStatus } from '../../schema/project-status.ts';

export type Verb = 'create' | 'pause' | 'restore' | 'restart' | 'resize' | 'upgrade' | 'remove';

/** `gone`: the project is not found any more. */
export type Outcome = 'reached' | 'missed' | 'on the way';

/** Whether a project arrived where a verb takes it. */
export function outcome(verb: Verb, status: ProjectStatus | 'gone'): Outcome {
  const { until, enough = [], missed } = goals[verb];
  if (status === until || enough.includes(status)) return 'reached';
  return missed.includes(status) ? 'missed' : 'on the way';
}

/** What is awaited, for people. */
export function goalText(verb: Verb): string {
  return goals[verb].until;
}

type Place = ProjectStatus | 'gone';
type Goal = { until: Place; enough?: readonly Place[]; missed: readonly Place[] };

const removed = ['GOING_DOWN', 'REMOVED', 'gone'] as const;

const goals: Record<Verb, Goal> = {
  create: { until: 'ACTIVE_HEALTHY', missed: ['INIT_FAILED', ...removed] },
  pause: { until: 'INACTIVE', missed: ['PAUSE_FAILED', ...removed] },
  restore: { until: 'ACTIVE_HEALTHY', missed: ['RESTORE_FAILED', 'INIT_FAILED', ...removed] },
  restart: { until: 'ACTIVE_HEALTHY', missed: ['RESTORE_FAILED', 'INIT_FAILED', ...removed] },
  // a paused project takes it when it comes back: there is nothing to wait for
  resize: { until: 'ACTIVE_HEALTHY', enough: ['INACTIVE'], missed: ['INIT_FAILED', ...removed] },
  upgrade: { until: 'ACTIVE_HEALTHY', missed: ['INIT_FAILED', ...removed] },
  remove: { until: 'gone', missed: [] },
};
