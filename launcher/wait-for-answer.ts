import { setTimeout as wait } from 'node:timers/promises';
import { StartFailure } from './failure.ts';

/** Asks until the address answers 2xx; after 20 s says what did not and where its log is. */
export async function waitForAnswer(
  url: string,
  options: { what: string; log: string; now(): number; signal: AbortSignal },
): Promise<void> {
  const deadline = options.now() + 20_000;
  while (!(await answers(url))) {
    options.signal.throwIfAborted();
    if (options.now() > deadline) {
      throw new StartFailure(`${options.what} did not answer within 20 s; its log: ${options.log}`);
    }
    await wait(30);
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    // not listening yet
    return false;
  }
}
