import type { LiveSpec, StackSpec } from '../schema/stack-spec.ts';
import { type Attempts, isBackingOff } from './backoff.ts';
import type { ObservedStack } from './deps.ts';

/** A desired stack with the hash of its spec (`spec-hash.ts`). */
export type DesiredStack = { spec: StackSpec; specHash: string };

type Target = { ref: string; generation: number; reason: string };
export type Action =
  | (Target & { kind: 'apply'; spec: LiveSpec; specHash: string })
  | (Target & { kind: 'stop' })
  | (Target & { kind: 'remove' });

/**
 * What is missing between what should be and what is: `[]` means converged. A stack that no list names is a stranger
 * and never touched. Removals come first (they free ports), then stops, then applies, those that failed least first.
 */
export function plan(
  desired: readonly DesiredStack[],
  observed: readonly ObservedStack[],
  attempts: Attempts,
  now: number,
): Action[] {
  const found = new Map(observed.map((stack) => [stack.ref, stack]));
  return desired
    .map((wanted) => missing(wanted, found.get(wanted.spec.ref)))
    .filter((action) => action !== null)
    .filter((action) => !isBackingOff(attempts.get(action.ref), action.generation, now))
    .sort((left, right) => order[left.kind] - order[right.kind] || tries(left, attempts) - tries(right, attempts));
}

/** Whether a stack is what its spec asks for; absent is right for what is paused or removed. */
export function isConverged(wanted: DesiredStack, stack: ObservedStack | undefined): boolean {
  return missing(wanted, stack) === null;
}

/** Whether a running stack of it is right, and to be probed. */
export function mayRun({ power }: Pick<StackSpec, 'power'>): boolean {
  return power === 'running' || power === 'withheld';
}

const order = { remove: 0, stop: 1, apply: 2 } as const;

function missing({ spec, specHash }: DesiredStack, stack: ObservedStack | undefined): Action | null {
  const { ref, generation } = spec;
  switch (spec.power) {
    case 'removed':
      return stack === undefined ? null : { kind: 'remove', ref, generation, reason: 'it is to be removed' };
    case 'paused':
      if (stack === undefined || stack.state === 'stopped') return null;
      return { kind: 'stop', ref, generation, reason: 'it is to be paused' };
    case 'withheld':
      return null;
    case 'running': {
      const reason = reasonToApply(specHash, stack);
      return reason === null ? null : { kind: 'apply', ref, generation, reason, spec, specHash };
    }
    default:
      return spec satisfies never;
  }
}

function reasonToApply(specHash: string, stack: ObservedStack | undefined): string | null {
  if (stack === undefined) return 'nothing of it is here';
  if (stack.specHash === null) return 'it was never brought up whole';
  if (stack.specHash !== specHash) return 'its settings changed';
  if (stack.state === 'stopped') return 'it is stopped';
  if (stack.state === 'partial') return 'parts of it do not run';
  if (stack.drift.length > 0) return stack.drift.join('; ');
  return null;
}

function tries(action: Action, attempts: Attempts): number {
  const last = attempts.get(action.ref);
  return last?.generation === action.generation ? last.tries : 0;
}
