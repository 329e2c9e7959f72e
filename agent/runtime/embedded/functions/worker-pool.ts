import { RuntimeFailure } from '../../../runtime-failure.ts';
import { findFunction } from './find-function.ts';
import { type FunctionWorker, startWorker, type WorkerOptions } from './worker.ts';
import type { Place, WorkerBudget } from './worker-budget.ts';

export type WorkerPoolOptions = Omit<WorkerOptions, 'slug' | 'entry' | 'functionDirectory' | 'signal'> & {
  /** `<directory>/<slug>/index.ts` */
  directory: string;
  idleMs: number;
  budget: WorkerBudget;
  onTrouble(error: unknown): void;
};

/** `full`: every process the limits allow is at work. */
export type Claim = { kind: 'claimed'; port: number; release(): void } | { kind: 'unknown' } | { kind: 'full' };

/** The processes of one project's functions: one for each function, started by its first call, ended when idle. */
export type WorkerPool = {
  /** A process for one call of this function, of the code as it is now. Rejects when it does not start. */
  claim(slug: string): Promise<Claim>;
  /** the last reason why a function did not start; null while the last one did */
  error(): string | null;
  stop(): Promise<void>;
};

type Slot = Place & {
  starting: Promise<FunctionWorker>;
  modifiedMs: number;
  inFlight: number;
  idle: NodeJS.Timeout | null;
};

/** A pool without processes; after `stop` it knows no function any more. */
export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  /** the worker that takes the next call of a function */
  const slots = new Map<string, Slot>();
  /** those as well that run old code to the end of their last call */
  const living = new Set<Slot>();
  const stopping = new AbortController();
  let lastError: string | null = null;

  async function claim(slug: string): Promise<Claim> {
    const found = await findFunction(options.directory, slug);
    if (found === null || stopping.signal.aborted) return { kind: 'unknown' };
    const current = slots.get(slug);
    if (current !== undefined && current.modifiedMs !== found.modifiedMs) retire(slug, current);
    const slot = slots.get(slug) ?? open(slug, found);
    if (slot === null) return { kind: 'full' };
    slot.inFlight += 1;
    slot.idleSince = null;
    if (slot.idle !== null) clearTimeout(slot.idle);
    try {
      const { port } = await slot.starting;
      lastError = null;
      return { kind: 'claimed', port, release: () => release(slug, slot) };
    } catch (error) {
      slot.inFlight -= 1;
      lastError = error instanceof RuntimeFailure ? error.message : `The function ${slug} did not start`;
      throw error;
    }
  }

  function open(slug: string, found: { directory: string; entry: string; modifiedMs: number }): Slot | null {
    const place: Place = {
      ref: options.ref,
      idleSince: null,
      giveUp: () => {
        if (slots.get(slug) === slot) slots.delete(slug);
        return slot.starting.then((worker) => worker.stop());
      },
    };
    const room = options.budget.enter(place);
    if (room === null) return null;
    const starting = room.then(() =>
      startWorker({
        ...options,
        slug,
        entry: found.entry,
        functionDirectory: found.directory,
        signal: stopping.signal,
      }),
    );
    const slot: Slot = Object.assign(place, { starting, modifiedMs: found.modifiedMs, inFlight: 0, idle: null });
    slots.set(slug, slot);
    forgetWhenEnded(slug, slot);
    return slot;
  }

  /** A worker that crashed, or never started, does not stand in the way of the next call. */
  function forgetWhenEnded(slug: string, slot: Slot): void {
    living.add(slot);
    const forget = () => {
      living.delete(slot);
      options.budget.leave(slot);
      if (slots.get(slug) === slot) slots.delete(slug);
    };
    slot.starting.then((worker) => worker.child.exited).then(forget, forget);
  }

  function release(slug: string, slot: Slot): void {
    slot.inFlight -= 1;
    if (slot.inFlight > 0) return;
    if (slots.get(slug) !== slot) {
      end(slot);
      return;
    }
    slot.idleSince = options.clock.now();
    slot.idle = setTimeout(() => retire(slug, slot), options.idleMs);
    slot.idle.unref();
  }

  function retire(slug: string, slot: Slot): void {
    if (slots.get(slug) === slot) slots.delete(slug);
    if (slot.inFlight === 0) end(slot);
  }

  function end(slot: Slot): void {
    slot.giveUp().catch((error: unknown) => options.onTrouble(error));
  }

  return {
    claim,
    error: () => lastError,
    async stop() {
      stopping.abort(new RuntimeFailure('This project is being stopped'));
      slots.clear();
      const ends = [...living].map((slot) => {
        if (slot.idle !== null) clearTimeout(slot.idle);
        return slot.starting.then(
          (worker) => worker.stop(),
          () => undefined, // it never ran
        );
      });
      await Promise.all(ends);
    },
  };
}
