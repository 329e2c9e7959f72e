import type { Child } from './child.ts';
import type { Stack } from './host.ts';
import { isRestReady, type RunningRest } from './rest.ts';

/** Whether data APIs are ready, asked only when a process of the stack is another one than last time. */
export type RestReadiness = {
  check(stack: Stack, signal: AbortSignal): Promise<boolean>;
  /** Something went wrong meanwhile: the next check asks again. */
  doubt(stack: Stack): void;
};

/** Remembers answers for as long as both processes live. */
export function createRestReadiness(): RestReadiness {
  /** the database process with which a data API last said that it is ready */
  const readyWith = new WeakMap<RunningRest, Child>();
  return {
    async check({ rest, db }, signal) {
      if (rest === null || db === null) return false;
      if (!rest.child.isAlive() || !db.child.isAlive()) return false;
      if (readyWith.get(rest) === db.child) return true;
      const isReady = await isRestReady(rest, signal);
      if (isReady) readyWith.set(rest, db.child);
      return isReady;
    },
    doubt({ rest }) {
      if (rest !== null) readyWith.delete(rest);
    },
  };
}
