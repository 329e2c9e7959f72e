import type { Clock } from '../deps.ts';
import { findProcesses, isAlive, type ProcessEntry, type ProcessFacts, signalProcess } from '../process-table.ts';

/** One rung on the way to SIGKILL: a signal, and how long it may take to work. */
export type StopStep = { signal: NodeJS.Signals; waitMs: number };

/** Sends signal after signal to every process that `matches`, until none is left. Answers how many there were. */
export async function endProcesses(
  matches: (facts: ProcessFacts) => boolean,
  ladder: readonly StopStep[],
  clock: Clock,
): Promise<number> {
  let most = 0;
  for (const step of ladder) {
    const left = await findProcesses(matches);
    most = Math.max(most, left.length);
    if (left.length === 0) break;
    await Promise.all(left.map((entry) => signalProcess(entry, step.signal)));
    await untilGone(left, step.waitMs, clock);
  }
  return most;
}

async function untilGone(entries: ProcessEntry[], waitMs: number, clock: Clock): Promise<void> {
  const deadline = clock.now() + waitMs;
  while (clock.now() < deadline) {
    const alive = await Promise.all(entries.map(isAlive));
    if (!alive.includes(true)) return;
    await clock.sleep(20);
  }
}
