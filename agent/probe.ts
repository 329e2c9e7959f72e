import { withDeadline } from './deadline.ts';
import type { Clock, Log, Runtime } from './deps.ts';
import { untilDue } from './due.ts';
import { RuntimeFailure } from './runtime-failure.ts';

/** What probes say of a running project. `verifiedAt`: when a request through its gateway last reached Postgres. */
export type Health =
  | { kind: 'unknown' }
  | { kind: 'healthy'; verifiedAt: number }
  | { kind: 'unhealthy'; verifiedAt: number | null; reason: string };

export type Prober = {
  /** Probes these projects from now on, and no others; starts what is due and does not wait for it. null: as before. */
  watch(refs: ReadonlySet<string> | null): void;
  health(ref: string): Health;
  /** Milliseconds until a probe is due. */
  nextInMs(): number;
};

const probeEveryMs = 8_000;
/** after a failure, and until the first success of a fresh start */
const retryEveryMs = 2_000;
const eagerEveryMs = 200;
const eagerForMs = 4_000;
const probeDeadlineMs = 5_000;
/** this many in a row, or none that succeeded for so long */
const failuresToTell = 2;
const silenceToTellMs = 15_000;

type Watched = {
  since: number;
  startedAt: number | null;
  busy: boolean;
  verifiedAt: number | null;
  failures: number;
  /** why the last one failed, in words for people */
  why: string | null;
};

/** Keeps asking every watched project through its gateway. `onChange` is called when an answer changed a verdict. */
export function createProber(runtime: Runtime, deps: { clock: Clock; log: Log; onChange(): void }): Prober {
  const watched = new Map<string, Watched>();

  function watch(wanted: ReadonlySet<string> | null): void {
    const now = deps.clock.now();
    const refs = wanted ?? new Set(watched.keys());
    for (const ref of watched.keys()) if (!refs.has(ref)) watched.delete(ref);
    for (const ref of refs) {
      const unseen = { since: now, startedAt: null, busy: false, verifiedAt: null, failures: 0, why: null };
      const state: Watched = watched.get(ref) ?? unseen;
      watched.set(ref, state);
      if (!state.busy && untilDue(state.startedAt, interval(state, now), now) === 0) void probe(ref, state);
    }
  }

  async function probe(ref: string, state: Watched): Promise<void> {
    const before = verdict(state, deps.clock.now()).kind;
    state.busy = true;
    state.startedAt = deps.clock.now();
    try {
      await withDeadline(deps.clock, probeDeadlineMs, (signal) => runtime.probe(ref, { signal }));
      state.verifiedAt = deps.clock.now();
      state.failures = 0;
    } catch (error) {
      state.failures += 1;
      state.why = error instanceof RuntimeFailure ? error.message : null;
      if (watched.get(ref) === state && state.failures === failuresToTell && state.verifiedAt !== null) {
        deps.log.warn('probe failed', { ref, detail: error instanceof Error ? error.message : String(error) });
      }
    }
    state.busy = false;
    // no longer watched, or watched anew: its answer is about a start that is gone
    if (watched.get(ref) === state && verdict(state, deps.clock.now()).kind !== before) deps.onChange();
  }

  return {
    watch,
    health(ref) {
      const state = watched.get(ref);
      return state === undefined ? { kind: 'unknown' } : verdict(state, deps.clock.now());
    },
    nextInMs() {
      const now = deps.clock.now();
      const idle = [...watched.values()].filter((state) => !state.busy);
      return Math.min(...idle.map((state) => untilDue(state.startedAt, interval(state, now), now)), probeEveryMs);
    },
  };
}

function interval(state: Watched, now: number): number {
  if (state.verifiedAt === null && now - state.since < eagerForMs) return eagerEveryMs;
  return state.verifiedAt === null || state.failures > 0 ? retryEveryMs : probeEveryMs;
}

function verdict({ since, verifiedAt, failures, why }: Watched, now: number): Health {
  const silentForMs = now - (verifiedAt ?? since);
  if (silentForMs > silenceToTellMs || (verifiedAt !== null && failures >= failuresToTell)) {
    const reason = `Requests through the gateway do not reach Postgres${why === null ? '' : `: ${why}`}`;
    return { kind: 'unhealthy', verifiedAt, reason: reason.replace(/\.?$/, '.') };
  }
  return verifiedAt === null ? { kind: 'unknown' } : { kind: 'healthy', verifiedAt };
}
