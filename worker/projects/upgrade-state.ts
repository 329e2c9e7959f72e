import type { Project } from './find.ts';
import { targetReleases } from './releases.ts';

/** Releases a project can be upgraded to, the newest first; none where no images make the stack. */
export function upgradeTargets(project: Pick<Project, 'hostRuntime' | 'release' | 'postgresVersion'>): string[] {
  return project.hostRuntime === 'compose' ? targetReleases(project) : [];
}

export type UpgradeState = 'requested' | 'running' | 'done' | 'failed';

/** How the upgrade stands that was the last change asked for; null: that was another one. */
export function upgradeState(
  project: Pick<Project, 'change' | 'generation' | 'observedGeneration' | 'healthyGeneration' | 'phase'>,
): UpgradeState | null {
  if (project.change !== 'upgrade') return null;
  if ((project.healthyGeneration ?? -1) >= project.generation) return 'done';
  if ((project.observedGeneration ?? -1) < project.generation) return 'requested';
  return project.phase === 'failed' ? 'failed' : 'running';
}
