import { setTimeout as wait } from 'node:timers/promises';
import { ignoreAbort } from './ignore-abort.ts';

const everyMs = 60_000;

/** Calls the worker's tick once a minute until stopped: what Cloudflare's cron does elsewhere. */
export function runTicks(options: { url: string; token: string; signal: AbortSignal; note(text: string): void }): void {
  void loop(options);
}

async function loop(options: Parameters<typeof runTicks>[0]): Promise<void> {
  while (!options.signal.aborted) {
    await tick(options);
    await wait(everyMs, undefined, { signal: options.signal, ref: false }).catch(ignoreAbort);
  }
}

async function tick(options: Parameters<typeof runTicks>[0]): Promise<void> {
  try {
    const response = await fetch(`${options.url}/tick`, {
      method: 'POST',
      headers: { authorization: `Bearer ${options.token}` },
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(30_000)]),
    });
    await response.body?.cancel();
    if (!response.ok) options.note(`! the tick was answered ${response.status}; the next one is in a minute`);
  } catch (error) {
    if (!options.signal.aborted) options.note(`! the tick did not get through: ${String(error)}`);
  }
}
