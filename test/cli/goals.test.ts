import { expect, test } from 'vitest';
import { type Outcome, outcome, type Verb } from '../../cli/projects/goals.ts';
import { type ProjectStatus, projectStatuses } from '../../schema/project-status.ts';

type Outcomes = Partial<Record<ProjectStatus | 'gone', Outcome>>;

const removed = { gone: 'missed', GOING_DOWN: 'missed', REMOVED: 'missed' } as const;

/** every status that is not named is on the way */
const expected: Record<Verb, Outcomes> = {
  create: { ...removed, ACTIVE_HEALTHY: 'reached', INIT_FAILED: 'missed' },
  pause: { ...removed, INACTIVE: 'reached', PAUSE_FAILED: 'missed' },
  restore: { ...removed, ACTIVE_HEALTHY: 'reached', RESTORE_FAILED: 'missed', INIT_FAILED: 'missed' },
  restart: { ...removed, ACTIVE_HEALTHY: 'reached', RESTORE_FAILED: 'missed', INIT_FAILED: 'missed' },
  resize: { ...removed, ACTIVE_HEALTHY: 'reached', INACTIVE: 'reached', INIT_FAILED: 'missed' },
  upgrade: { ...removed, ACTIVE_HEALTHY: 'reached', INIT_FAILED: 'missed' },
  remove: { gone: 'reached' },
};

test.each(['create', 'pause', 'restore', 'restart', 'resize', 'upgrade', 'remove'] as const)(
  'waiting for %s ends where it should, and on nothing that is on the way',
  (verb) => {
    for (const status of [...projectStatuses, 'gone'] as const) {
      expect(outcome(verb, status), status).toBe(expected[verb][status] ?? 'on the way');
    }
  },
);
