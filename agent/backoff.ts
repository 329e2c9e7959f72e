/** The last action on one project that ran to its end, and how long the next one on the same generation has to wait. */
export type Attempt = {
  generation: number;
  /** actions in a row that failed, or that did not last */
  tries: number;
  endedAt: number;
  delayMs: number;
  /** why it failed, for people; null when it did not */
  failure: string | null;
};

/** By ref. */
export type Attempts = ReadonlyMap<string, Attempt>;

export type Ended = { generation: number; startedAt: number; endedAt: number; failure: string | null };

const firstDelayMs = 5_000;
const longestDelayMs = 300_000;
/** An action that succeeded and was not needed again for this long has lasted: the count starts over. */
const lastedMs = 60_000;
/** How far successes count: whoever damages a stack again and again sees it come back, though not in a hot loop. */
const mostSuccesses = 3;

/**
 * What to remember of an action that ended. One that succeeded counts too, up to 20 s, until it has lasted, so that a
 * stack that dies right after each start is not started in a hot loop. `jitter` is in [0, 1).
 */
export function attempt(previous: Attempt | undefined, ended: Ended, jitter: number): Attempt {
  const before = previous !== undefined && continues(previous, ended) ? previous.tries : 0;
  const tries = ended.failure === null ? Math.min(before + 1, mostSuccesses) : before + 1;
  const delayMs = Math.round(exponential(tries, firstDelayMs, longestDelayMs) * (1 - 0.2 * jitter));
  return { generation: ended.generation, tries, endedAt: ended.endedAt, delayMs, failure: ended.failure };
}

/** Whether an action on this generation has to wait. A new generation never does, nor anybody after a clock set back. */
export function isBackingOff(last: Attempt | undefined, generation: number, now: number): boolean {
  if (last === undefined || last.generation !== generation) return false;
  return now >= last.endedAt && now - last.endedAt < last.delayMs;
}

/** Doubles from `first` up to `longest`; `tries` counts from 1. */
export function exponential(tries: number, first: number, longest: number): number {
  return Math.min(longest, first * 2 ** Math.min(tries - 1, 30));
}

function continues(previous: Attempt, ended: Ended): boolean {
  const lasted = previous.failure === null && ended.startedAt - previous.endedAt >= lastedMs;
  return previous.generation === ended.generation && !lasted;
}
