import type { Clock } from '../../agent/deps.ts';

export type FakeClock = Clock & {
  /** Lets time pass, waking sleepers in order and letting everything they set off run. */
  advance(milliseconds: number): Promise<void>;
  /** Moves the wall clock without anybody waking. */
  set(now: number): void;
};

type Sleeper = { at: number; wake(): void };

/** A clock that stands still until told otherwise. */
export function createFakeClock(start = 1_700_000_000_000): FakeClock {
  let now = start;
  // what `set` added: sleeps go by elapsed time, not by the wall
  let offset = 0;
  const sleepers = new Set<Sleeper>();

  function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const sleeper: Sleeper = {
        at: now + milliseconds,
        wake() {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', sleeper.wake);
          resolve();
        },
      };
      sleepers.add(sleeper);
      signal?.addEventListener('abort', sleeper.wake, { once: true });
    });
  }

  async function advance(milliseconds: number): Promise<void> {
    const end = now + milliseconds;
    await settle();
    for (;;) {
      const next = [...sleepers].sort((left, right) => left.at - right.at)[0];
      if (next === undefined || next.at > end) break;
      now = Math.max(now, next.at);
      next.wake();
      await settle();
    }
    now = end;
    await settle();
  }

  return {
    now: () => now + offset,
    sleep,
    advance,
    set(next) {
      offset = next - now;
    },
  };
}

/** Lets everything run that waits for nothing but its turn. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
