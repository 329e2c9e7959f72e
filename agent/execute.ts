import { DeadlineExceeded, withDeadline } from './deadline.ts';
import type { Clock, Log, Runtime } from './deps.ts';
import type { Action } from './plan.ts';
import { redact } from './redact.ts';
import { RuntimeFailure } from './runtime-failure.ts';

/** How an action ended. `abandoned`: cut short by a newer one or by the end of the agent; it says nothing of the stack. */
export type Outcome = {
  action: Action;
  startedAt: number;
  endedAt: number;
  result: { kind: 'done' } | { kind: 'failed'; reason: string } | { kind: 'abandoned' };
};

export type Executor = {
  /**
   * Starts what may start now and returns it; the rest is for the next plan. A project never has two actions at once:
   * an apply that something newer replaces is aborted, anything else is waited for.
   */
  start(actions: readonly Action[]): Action[];
  /** By ref: what has not ended yet, including what ignores its deadline. */
  running(): ReadonlyMap<string, Action>;
  /** Aborts everything and waits until it has ended; afterwards nothing starts any more. */
  close(): Promise<void>;
};

export type ExecutorOptions = { atOnce: Record<Action['kind'], number>; deadlinesMs: Record<Action['kind'], number> };

/** What a host does at once, and how long each action may take. */
export const defaultExecutorOptions: ExecutorOptions = {
  atOnce: { apply: 4, stop: 8, remove: 8 },
  deadlinesMs: { apply: 600_000, stop: 60_000, remove: 120_000 },
};

type Job = { action: Action; abort: AbortController; late: boolean; ended: Promise<void> };

/** Runs actions beside each other, each with its own deadline, and tells of every end. Never throws for an action. */
export function createExecutor(
  runtime: Runtime,
  deps: { clock: Clock; log: Log; onEnd(outcome: Outcome): void },
  options: ExecutorOptions,
): Executor {
  const jobs = new Map<string, Job>();
  let closed = false;

  function start(actions: readonly Action[]): Action[] {
    return closed ? [] : actions.filter(startOne);
  }

  function startOne(action: Action): boolean {
    const current = jobs.get(action.ref);
    if (current !== undefined) {
      if (replaces(action, current.action)) current.abort.abort();
      return false;
    }
    // an action past its deadline keeps its project busy, but no longer holds up the others
    const busy = [...jobs.values()].filter((job) => job.action.kind === action.kind && !job.late);
    if (busy.length >= options.atOnce[action.kind]) return false;
    const job: Job = { action, abort: new AbortController(), late: false, ended: Promise.resolve() };
    jobs.set(action.ref, job);
    job.ended = run(job);
    return true;
  }

  async function run(job: Job): Promise<void> {
    const { action, abort } = job;
    const startedAt = deps.clock.now();
    deps.log.info(`${action.kind} started`, describe(action));
    let work: Promise<void> = Promise.resolve();
    let result: Outcome['result'] = { kind: 'done' };
    try {
      await withDeadline(deps.clock, options.deadlinesMs[action.kind], (late) => {
        work = perform(runtime, action, AbortSignal.any([late, abort.signal]));
        return work;
      });
    } catch (error) {
      if (error instanceof DeadlineExceeded) job.late = true;
      result = abort.signal.aborted ? result : { kind: 'failed', reason: explain(error, action, deps.log) };
    }
    if (abort.signal.aborted) result = { kind: 'abandoned' };
    if (job.late) await untilSettled(job, work, { action, startedAt, endedAt: deps.clock.now(), result });
    end({ action, startedAt, endedAt: deps.clock.now(), result: job.late ? { kind: 'abandoned' } : result });
  }

  /** Tells of the missed deadline at once; the project stays busy until the work has really stopped. */
  async function untilSettled(job: Job, work: Promise<void>, outcome: Outcome): Promise<void> {
    deps.onEnd(outcome);
    // whatever it still says was decided by the deadline
    await work.catch((error: unknown) => deps.log.warn('late work ended', { ...describe(job.action), ...kind(error) }));
  }

  function end(outcome: Outcome): void {
    const { action, startedAt, endedAt, result } = outcome;
    const reason = result.kind === 'failed' ? { reason: result.reason } : {};
    deps.log.info(`${action.kind} ${result.kind}`, { ...describe(action), tookMs: endedAt - startedAt, ...reason });
    jobs.delete(action.ref);
    deps.onEnd(outcome);
  }

  return {
    start,
    running: () => new Map([...jobs].map(([ref, job]) => [ref, job.action])),
    async close() {
      closed = true;
      for (const job of jobs.values()) job.abort.abort();
      await Promise.all([...jobs.values()].map((job) => job.ended));
    },
  };
}

async function perform(runtime: Runtime, action: Action, signal: AbortSignal): Promise<void> {
  switch (action.kind) {
    case 'apply':
      return runtime.apply(action.spec, { specHash: action.specHash, signal });
    case 'stop':
      return runtime.stop(action.ref, { signal });
    case 'remove':
      return runtime.remove(action.ref, { signal });
    default:
      return action satisfies never;
  }
}

function replaces(next: Action, current: Action): boolean {
  if (current.kind !== 'apply' || next.generation <= current.generation) return false;
  return next.kind !== 'apply' || next.specHash !== current.specHash;
}

/** A runtime's own words go out; anything else is a defect whose details are for the log only. */
function explain(error: unknown, action: Action, log: Log): string {
  const clean = (text: string) => (action.kind === 'apply' ? redact(text, action.spec.secrets) : text);
  if (error instanceof RuntimeFailure) return clean(error.message);
  if (error instanceof DeadlineExceeded) return `The ${action.kind} ${error.message}.`;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log.error(`${action.kind} failed unexpectedly`, { ...describe(action), detail: clean(detail) });
  return `The ${action.kind} failed unexpectedly; the agent's log on the host has the details.`;
}

function kind(error: unknown): Record<string, unknown> {
  return { error: error instanceof Error ? error.name : typeof error };
}

function describe({ ref, generation, reason }: Action): Record<string, unknown> {
  return { ref, generation, because: reason };
}
