import { describe, expect, test } from 'vitest';
import type { ProjectStatus } from '../../../schema/project-status.ts';
import { type StatusInput, status } from '../../../worker/projects/status.ts';
import { everyInput, healthy, now, settings } from '../../support/status-inputs.ts';

type Row = [situation: string, changes: Partial<StatusInput>, expected: ProjectStatus];

const older = { observedGeneration: 1 };
const nothingSeen = { phase: null, observedGeneration: null, healthyGeneration: null, verifiedAt: null };

const table: Row[] = [
  ['up and just verified', {}, 'ACTIVE_HEALTHY'],
  ['up and verified by itself half a minute ago', { verifiedAt: now - 30_000, hostVerifiedAt: null }, 'ACTIVE_HEALTHY'],
  ['up and vouched for by its host', { verifiedAt: now - 3_600_000 }, 'ACTIVE_HEALTHY'],
  ['said to be up, but not proved for 30 s', { verifiedAt: now - 30_001, hostVerifiedAt: null }, 'UNKNOWN'],
  ['said to be up, but never proved', { verifiedAt: null, hostVerifiedAt: null }, 'UNKNOWN'],
  ['not answering as it should', { phase: 'unhealthy' }, 'ACTIVE_UNHEALTHY'],
  ['failed after it had been up', { phase: 'failed' }, 'ACTIVE_UNHEALTHY'],

  ['new and not seen yet', nothingSeen, 'COMING_UP'],
  ['new and starting', { phase: 'starting', healthyGeneration: null }, 'COMING_UP'],
  ['new and failed', { phase: 'failed', healthyGeneration: null }, 'INIT_FAILED'],
  ['new on a host without ports', { ...nothingSeen, firstPort: null }, 'INIT_FAILED'],
  ['new and configured before it was seen', { ...nothingSeen, change: 'configure' }, 'COMING_UP'],
  [
    'new and configured while starting',
    { phase: 'starting', healthyGeneration: null, change: 'configure' },
    'COMING_UP',
  ],

  ['configured, and the host has not taken it up', { ...older, change: 'configure' }, 'ACTIVE_HEALTHY'],
  ['configured, and being changed', { phase: 'starting', change: 'configure' }, 'ACTIVE_UNHEALTHY'],
  ['configured, and broken by it', { phase: 'failed', change: 'configure' }, 'ACTIVE_UNHEALTHY'],

  ['asked for another size', { ...older, change: 'resize' }, 'RESIZING'],
  ['getting another size', { phase: 'starting', change: 'resize' }, 'RESIZING'],
  ['of another size', { change: 'resize', healthyGeneration: 2 }, 'ACTIVE_HEALTHY'],
  [
    'of another size, and being repaired',
    { phase: 'starting', change: 'resize', healthyGeneration: 2 },
    'ACTIVE_UNHEALTHY',
  ],
  ['not able to get another size', { phase: 'failed', change: 'resize' }, 'ACTIVE_UNHEALTHY'],
  ['new and asked for another size', { ...nothingSeen, change: 'resize' }, 'COMING_UP'],
  [
    'never up, and failing in another size as well',
    { phase: 'failed', healthyGeneration: null, change: 'resize' },
    'INIT_FAILED',
  ],
  ['paused and asked for another size', { power: 'paused', change: 'resize', phase: 'stopped', ...older }, 'INACTIVE'],
  ['pausing and asked for another size', { power: 'paused', change: 'resize', ...older }, 'PAUSING'],
  ['asked for another release', { ...older, change: 'upgrade' }, 'UPGRADING'],
  ['getting another release', { phase: 'stopping', change: 'upgrade' }, 'UPGRADING'],
  ['of another release', { change: 'upgrade' }, 'ACTIVE_HEALTHY'],
  ['not able to get another release', { phase: 'failed', change: 'upgrade' }, 'ACTIVE_UNHEALTHY'],
  ['new and asked for another release', { ...nothingSeen, change: 'upgrade' }, 'COMING_UP'],
  ['asked for another release, then silent', { ...older, change: 'upgrade', hostReportedAt: null }, 'UNKNOWN'],

  ['asked to pause', { power: 'paused', change: 'pause', ...older }, 'PAUSING'],
  ['pausing', { power: 'paused', change: 'pause', phase: 'stopping' }, 'PAUSING'],
  ['asked to pause, seen but still up', { power: 'paused', change: 'pause' }, 'PAUSING'],
  ['paused', { power: 'paused', change: 'pause', phase: 'stopped' }, 'INACTIVE'],
  ['not able to pause', { power: 'paused', change: 'pause', phase: 'failed' }, 'PAUSE_FAILED'],
  ['stopped at an older generation', { power: 'paused', change: 'pause', phase: 'stopped', ...older }, 'PAUSING'],

  ['asked to come back', { change: 'restore', phase: 'stopped', ...older }, 'RESTORING'],
  ['coming back', { change: 'restore', phase: 'starting' }, 'RESTORING'],
  ['back', { change: 'restore' }, 'ACTIVE_HEALTHY'],
  ['not able to come back', { change: 'restore', phase: 'failed' }, 'RESTORE_FAILED'],
  [
    'not able to come back, and never up before',
    { change: 'restore', phase: 'failed', healthyGeneration: null },
    'INIT_FAILED',
  ],

  ['up, and being repaired', { phase: 'starting', healthyGeneration: 2 }, 'ACTIVE_UNHEALTHY'],
  ['back, and being repaired', { change: 'restore', phase: 'starting', healthyGeneration: 2 }, 'ACTIVE_UNHEALTHY'],
  ['back, and not to be repaired', { change: 'restore', phase: 'failed', healthyGeneration: 2 }, 'ACTIVE_UNHEALTHY'],
  ['back before it was paused again', { power: 'paused', change: 'pause', healthyGeneration: 2, ...older }, 'PAUSING'],

  ['asked to restart, the old report says up', { change: 'restart', ...older }, 'RESTARTING'],
  ['restarting', { change: 'restart', phase: 'stopping' }, 'RESTARTING'],
  ['restarted', { change: 'restart' }, 'ACTIVE_HEALTHY'],
  ['not able to restart', { change: 'restart', phase: 'failed' }, 'ACTIVE_UNHEALTHY'],

  ['asked to go', { power: 'removed', change: 'remove', ...older }, 'GOING_DOWN'],
  ['gone, and its rows not yet', { power: 'removed', change: 'remove', phase: 'removed' }, 'GOING_DOWN'],
  ['asked to go while its host is silent', { power: 'removed', hostReportedAt: now - 3_600_000 }, 'GOING_DOWN'],
  ['asked to go without ever having ports', { power: 'removed', firstPort: null }, 'GOING_DOWN'],

  ['on a host that was heard a minute ago', { hostReportedAt: now - 60_000 }, 'ACTIVE_HEALTHY'],
  ['on a host that is silent for longer', { hostReportedAt: now - 60_001 }, 'UNKNOWN'],
  ['on a host that was revoked just now', { hostRevokedAt: now }, 'UNKNOWN'],
  ['asked to go from a host that was revoked', { hostRevokedAt: now, power: 'removed' }, 'GOING_DOWN'],
  ['on a host that never reported', { ...nothingSeen, hostReportedAt: null }, 'UNKNOWN'],
  ['paused on a silent host', { power: 'paused', change: 'pause', phase: 'stopped', hostReportedAt: null }, 'UNKNOWN'],
];

describe('the status of a project', () => {
  test.each(table)('%s', (_, changes, expected) => {
    expect(status({ ...healthy, ...changes }, now, settings)).toBe(expected);
  });

  test('is never healthy without a proof of the last half minute, on a host that speaks, of what is desired', () => {
    for (const input of everyInput()) {
      if (status(input, now, settings) !== 'ACTIVE_HEALTHY') continue;
      const proofAt = Math.max(input.verifiedAt ?? 0, input.hostVerifiedAt ?? 0);
      expect(now - proofAt).toBeLessThanOrEqual(settings.verifiedWithinMs);
      expect(now - (input.hostReportedAt ?? 0)).toBeLessThanOrEqual(settings.lostAfterMs);
      expect([input.power, input.phase]).toEqual(['running', 'healthy']);
    }
  });

  test('is unknown while the host is silent or revoked, whatever was seen before', () => {
    for (const input of everyInput()) {
      const isSilent = input.hostReportedAt === null || now - input.hostReportedAt > settings.lostAfterMs;
      if ((!isSilent && input.hostRevokedAt === null) || input.power === 'removed' || input.firstPort === null)
        continue;
      expect(status(input, now, settings)).toBe('UNKNOWN');
    }
  });
});
