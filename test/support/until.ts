import { setTimeout as wait } from 'node:timers/promises';

/** Polls until the condition holds; fails with what was awaited once the deadline is over. */
export async function until(
  condition: () => Promise<boolean> | boolean,
  options: { what: string; timeoutMs?: number; everyMs?: number },
): Promise<void> {
  const deadline = performance.now() + (options.timeoutMs ?? 10_000);
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`gave up waiting for ${options.what}`);
    await wait(options.everyMs ?? 50);
  }
}
