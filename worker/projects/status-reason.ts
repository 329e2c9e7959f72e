import type { Project } from './find.ts';
import { isoTime } from './iso-time.ts';

/** Why a project is not up, in words for people and free of secrets; null when there is nothing to say. */
export function statusReason(
  project: Pick<Project, 'status' | 'power' | 'firstPort' | 'reason' | 'hostReportedAt' | 'hostRevokedAt' | 'phase'>,
): string | null {
  if (project.status === 'ACTIVE_HEALTHY' || project.status === 'INACTIVE') return null;
  if (project.power !== 'removed' && project.firstPort === null) {
    return 'The host has no free block of ports left; remove projects or widen its port range, then restore this one';
  }
  if (project.hostRevokedAt !== null) {
    return 'The host of this project was revoked, so what became of it there is not known; it can only be removed';
  }
  if (project.status !== 'UNKNOWN') return project.reason;
  if (project.phase === 'healthy' && project.hostReportedAt !== null) {
    return `The host has not vouched for this project lately; it last reported at ${isoTime(project.hostReportedAt)}`;
  }
  return project.hostReportedAt === null
    ? 'The host has not reported yet'
    : `The host last reported at ${isoTime(project.hostReportedAt)}`;
}
