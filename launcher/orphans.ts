import { setTimeout as wait } from 'node:timers/promises';
import { findProcesses, isAlive, type ProcessEntry, signalProcess } from '../agent/process-table.ts';

/** The variable by which a start recognises what an earlier one on the same data directory left running. */
export const launcherMark = 'SUPAFLEET_START';

/** Ends what an earlier start left behind: asks first, then insists. Returns how many there were. */
export async function endOrphans(dataDir: string, now: () => number): Promise<number> {
  const orphans = await findProcesses(({ environment }) => environment.get(launcherMark) === dataDir);
  await Promise.all(orphans.map((orphan) => signalProcess(orphan, 'SIGTERM')));
  const remaining = await waitForEnd(orphans, now() + 9_000, now);
  await Promise.all(remaining.map((orphan) => signalProcess(orphan, 'SIGKILL')));
  await waitForEnd(remaining, now() + 2_000, now);
  return orphans.length;
}

async function waitForEnd(entries: ProcessEntry[], deadline: number, now: () => number): Promise<ProcessEntry[]> {
  let remaining = entries;
  while (remaining.length > 0 && now() < deadline) {
    const alive = await Promise.all(remaining.map(isAlive));
    remaining = remaining.filter((_, index) => alive[index]);
    if (remaining.length > 0) await wait(50);
  }
  return remaining;
}
