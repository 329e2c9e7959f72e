import type { ReportSettings } from './settings.ts';

export const hostStates = ['reporting', 'waiting', 'lost', 'revoked'] as const;
/** `waiting`: it enrolled and has not reported yet; `lost`: it stopped reporting, so its projects' state is unknown */
export type HostState = (typeof hostStates)[number];

type HostStateInput = { enrolledAt: number; reportedAt: number | null; revokedAt: number | null };

/** What is known of a host at this moment. The tick is not needed for it. */
export function hostState(host: HostStateInput, now: number, settings: ReportSettings): HostState {
  if (host.revokedAt !== null) return 'revoked';
  if (now - (host.reportedAt ?? host.enrolledAt) > settings.lostAfterMs) return 'lost';
  return host.reportedAt === null ? 'waiting' : 'reporting';
}
