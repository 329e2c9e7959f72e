import { withDeadline } from './deadline.ts';
import type { Clock, Log, ObservedStack, Runtime } from './deps.ts';
import { untilDue } from './due.ts';

/** What was seen last. */
export type Observation = {
  stacks: ObservedStack[];
  /** refs that had an action in flight since this was seen: of these it says nothing any more */
  unsettled: ReadonlySet<string>;
};

export type Observer = {
  /** The last observation, renewed when it is due; null as long as looking fails. */
  look(): Promise<Observation | null>;
  /** An action on this project begins: what was seen of it is out of date. */
  unsettle(ref: string): void;
  /** The next look is due at once. */
  expire(): void;
};

const observeEveryMs = 2_000;
const observeDeadlineMs = 10_000;

/** Keeps what the runtime shows. `busy` names the projects that have an action in flight now. */
export function createObserver(runtime: Runtime, deps: { clock: Clock; log: Log; busy(): Iterable<string> }): Observer {
  let seen: { stacks: ObservedStack[]; unsettled: Set<string> } | null = null;
  let lookedAt: number | null = null;
  let expired = true;
  /** a look that was given up may still hang; a second one beside it would hang as well */
  let looking = false;

  async function look(): Promise<Observation | null> {
    const now = deps.clock.now();
    if (looking || (!expired && untilDue(lookedAt, observeEveryMs, now) > 0)) return seen;
    expired = false;
    lookedAt = now;
    const unsettled = new Set(deps.busy());
    try {
      const stacks = await withDeadline(deps.clock, observeDeadlineMs, observeOnce);
      seen = { stacks, unsettled };
    } catch (error) {
      // an old picture is no ground for actions or removals
      seen = null;
      deps.log.error('looking at the stacks failed', {
        detail: error instanceof Error ? error.message : String(error),
      });
    }
    return seen;
  }

  async function observeOnce(signal: AbortSignal): Promise<ObservedStack[]> {
    looking = true;
    try {
      return await runtime.observe({ signal });
    } finally {
      looking = false;
    }
  }

  return {
    look,
    unsettle: (ref) => seen?.unsettled.add(ref),
    expire: () => {
      expired = true;
    },
  };
}
