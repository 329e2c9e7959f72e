import type { DesiredResponse } from '../../schema/agent-protocol.ts';
import type { ObservedStack } from '../deps.ts';
import { plan } from '../plan.ts';
import { specHash } from '../spec-hash.ts';

/** What the agent would do now if nothing had failed before, and what it would leave alone. */
export type Preview = {
  actions: { ref: string; action: 'apply' | 'stop' | 'remove'; reason: string }[];
  /** stacks of this host that no list names; never touched */
  strangers: string[];
};

/** The plan for a list against what was seen; nothing of it is done. */
export function preview(
  list: Pick<DesiredResponse, 'projects'>,
  observed: readonly ObservedStack[],
  now: number,
): Preview {
  const desired = list.projects.map((spec) => ({ spec, specHash: specHash(spec) }));
  const named = new Set(list.projects.map(({ ref }) => ref));
  return {
    actions: plan(desired, observed, new Map(), now).map(({ ref, kind, reason }) => ({ ref, action: kind, reason })),
    strangers: observed.map(({ ref }) => ref).filter((ref) => !named.has(ref)),
  };
}
