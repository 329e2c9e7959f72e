import type { Change, Phase, Power, ProjectStatus } from '../../schema/project-status.ts';
import type { ReportSettings } from '../hosts/settings.ts';

export type StatusInput = {
  power: Power;
  change: Change;
  generation: number;
  firstPort: number | null;
  phase: Phase | null;
  observedGeneration: number | null;
  verifiedAt: number | null;
  healthyGeneration: number | null;
  hostReportedAt: number | null;
  hostRevokedAt: number | null;
  hostVerifiedAt: number | null;
};

/** Studio's status of a project: desired state, last observation and the time. Nothing else decides it. */
export function status(input: StatusInput, now: number, settings: ReportSettings): ProjectStatus {
  if (input.power === 'removed') return 'GOING_DOWN';
  if (input.firstPort === null) return 'INIT_FAILED';
  if (input.hostRevokedAt !== null) return 'UNKNOWN';
  if (input.hostReportedAt === null || now - input.hostReportedAt > settings.lostAfterMs) return 'UNKNOWN';
  const current = input.observedGeneration !== null && input.observedGeneration >= input.generation;
  if (input.power === 'paused') return pausedStatus(input, current);
  if (current && input.phase === 'failed') return failureStatus(input);
  // a change of settings does not show as a transition: until the agent took it up, what it last saw still holds
  if (!current && input.change !== 'configure') return transitionStatus(input);
  return runningStatus(input, now, settings);
}

function pausedStatus(input: StatusInput, current: boolean): ProjectStatus {
  // what its stack is made of changes only when it comes back
  if (!current) return isAltered(input) && input.phase === 'stopped' ? 'INACTIVE' : 'PAUSING';
  if (input.phase === 'stopped') return 'INACTIVE';
  return input.phase === 'failed' ? 'PAUSE_FAILED' : 'PAUSING';
}

function failureStatus(input: StatusInput): ProjectStatus {
  if (input.healthyGeneration === null) return 'INIT_FAILED';
  return input.change === 'restore' && !hasArrived(input) ? 'RESTORE_FAILED' : 'ACTIVE_UNHEALTHY';
}

/** It was healthy since the last change: what is started now is being repaired. */
function hasArrived({ generation, healthyGeneration }: StatusInput): boolean {
  return healthyGeneration !== null && healthyGeneration >= generation;
}

function runningStatus(input: StatusInput, now: number, settings: ReportSettings): ProjectStatus {
  switch (input.phase) {
    case 'healthy':
      return now - Math.max(input.verifiedAt ?? 0, input.hostVerifiedAt ?? 0) <= settings.verifiedWithinMs
        ? 'ACTIVE_HEALTHY'
        : 'UNKNOWN';
    case 'unhealthy':
    case 'failed':
      return 'ACTIVE_UNHEALTHY';
    case 'starting':
    case 'stopping':
    case 'stopped':
    case 'removed':
    case null:
      return transitionStatus(input);
    default:
      return input.phase satisfies never;
  }
}

/** A first start stays one, also when settings or parts are changed in the midst of it. */
function transitionStatus(input: StatusInput): ProjectStatus {
  if (hasArrived(input)) return 'ACTIVE_UNHEALTHY';
  const isFirstStart = input.healthyGeneration === null && (input.change === 'configure' || isAltered(input));
  return isFirstStart ? 'COMING_UP' : transition[input.change];
}

/** The last change asked for was about what the stack is made of. */
function isAltered({ change }: StatusInput): boolean {
  return change === 'resize' || change === 'upgrade';
}

const transition = {
  create: 'COMING_UP',
  configure: 'ACTIVE_UNHEALTHY',
  resize: 'RESIZING',
  upgrade: 'UPGRADING',
  pause: 'PAUSING',
  restore: 'RESTORING',
  restart: 'RESTARTING',
  remove: 'GOING_DOWN',
} as const satisfies Record<Change, ProjectStatus>;
