import { setTimeout as wait } from 'node:timers/promises';
import type { Clock, Log } from './deps.ts';

/** The clock of this machine. A sleep that is cut short resolves. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(milliseconds, signal) {
    if (signal?.aborted) return;
    try {
      await wait(milliseconds, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  },
};

/** JSON lines to `write`, one per event. */
export function createLog(write: (line: string) => void, now: () => number): Log {
  function event(level: string) {
    return (message: string, fields: Record<string, unknown> = {}) =>
      write(`${JSON.stringify({ time: new Date(now()).toISOString(), level, message, ...fields })}\n`);
  }
  return { info: event('info'), warn: event('warn'), error: event('error') };
}
