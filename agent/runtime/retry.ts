import type { Clock } from '../deps.ts';
import { RuntimeFailure } from '../runtime-failure.ts';

type RetryOptions = { clock: Clock; signal: AbortSignal; timeoutMs: number; everyMs: number; what: string };

/** Calls `attempt` until it answers something other than null. Rejects with a RuntimeFailure when the time is over. */
export async function retry<T>(attempt: () => Promise<T | null>, options: RetryOptions): Promise<T> {
  const deadline = options.clock.now() + options.timeoutMs;
  for (;;) {
    options.signal.throwIfAborted();
    const answer = await attempt();
    if (answer !== null) return answer;
    if (options.clock.now() >= deadline) {
      throw new RuntimeFailure(`${options.what} within ${Math.round(options.timeoutMs / 1000)} s`);
    }
    await options.clock.sleep(options.everyMs, options.signal);
  }
}
