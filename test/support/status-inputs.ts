import { changes, phases, powers } from '../../schema/project-status.ts';
import { defaultReportSettings } from '../../worker/hosts/settings.ts';
import type { StatusInput } from '../../worker/projects/status.ts';

export const settings = defaultReportSettings;
export const now = 1_800_000_000_000;

/** A project that is up: what a test is about is said on top of it. */
export const healthy: StatusInput = {
  power: 'running',
  change: 'create',
  generation: 2,
  firstPort: 20_000,
  phase: 'healthy',
  observedGeneration: 2,
  verifiedAt: now,
  healthyGeneration: 1,
  hostReportedAt: now,
  hostRevokedAt: null,
  hostVerifiedAt: now,
};

/** Every combination of what a status depends on, times on both sides of each limit. */
export function everyInput(): StatusInput[] {
  const stale = now - settings.verifiedWithinMs - 1;
  const fresh = now - settings.verifiedWithinMs;
  return powers.flatMap((power) =>
    changes.flatMap((change) =>
      [null, ...phases].flatMap((phase) =>
        [null, 1, 2, 3].flatMap((observedGeneration) =>
          [
            { hostReportedAt: null, hostRevokedAt: null },
            { hostReportedAt: now - settings.lostAfterMs, hostRevokedAt: null },
            { hostReportedAt: now - settings.lostAfterMs - 1, hostRevokedAt: null },
            { hostReportedAt: now, hostRevokedAt: now },
          ].flatMap((host) =>
            [
              { verifiedAt: null, hostVerifiedAt: null },
              { verifiedAt: stale, hostVerifiedAt: fresh },
              { verifiedAt: fresh, hostVerifiedAt: null },
              { verifiedAt: stale, hostVerifiedAt: stale },
            ].flatMap((verified) =>
              [
                { healthyGeneration: null, firstPort: 20_000 },
                { healthyGeneration: 1, firstPort: 20_000 },
                { healthyGeneration: 2, firstPort: 20_000 },
                { healthyGeneration: null, firstPort: null },
              ].map((rest) => ({
                generation: 2,
                power,
                change,
                phase,
                observedGeneration,
                ...host,
                ...verified,
                ...rest,
              })),
            ),
          ),
        ),
      ),
    ),
  );
}
