import type { DesiredResponse } from '../schema/agent-protocol.ts';
import { exponential } from './backoff.ts';
import { ControlPlaneFailure, type FailureKind, haltKind } from './control-plane-failure.ts';
import type { Clock, ControlPlane, Log } from './deps.ts';
import { untilDue } from './due.ts';
import type { DesiredStack } from './plan.ts';
import { specHash } from './spec-hash.ts';

export type Poller = {
  /**
   * The last list of this host, asked for again when that is due; null until there was one. A control plane that
   * does not answer changes nothing. Throws `ControlPlaneFailure`s that end the agent.
   */
  desired(signal: AbortSignal): Promise<readonly DesiredStack[] | null>;
  /** Whether the last request was answered. */
  isAnswered(): boolean;
  /** Something newer than this cursor's list is there, or not. */
  noteCursor(cursor: number): void;
  /** Ask for the whole list next, and at once. */
  resync(): void;
  nextInMs(): number;
};

const firstRetryMs = 1_000;
const longestRetryMs = 30_000;

/** Keeps the desired list. `onList` gets every whole list that arrives, before it is used. */
export function createPoller(
  controlPlane: Pick<ControlPlane, 'desired'>,
  deps: { clock: Clock; log: Log; random(): number; onList(list: DesiredResponse): void },
): Poller {
  let stacks: readonly DesiredStack[] | null = null;
  let cursor: number | null = null;
  let intervalMs = firstRetryMs;
  let askedAt: number | null = null;
  let waitMs = 0;
  let failures = 0;
  // logged once, not at every try
  let told: FailureKind | null = null;

  async function desired(signal: AbortSignal): Promise<readonly DesiredStack[] | null> {
    if (untilDue(askedAt, waitMs, deps.clock.now()) > 0) return stacks;
    askedAt = deps.clock.now();
    try {
      const list = await controlPlane.desired(cursor, signal);
      if (list !== null) take(list);
      answered();
    } catch (error) {
      if (haltKind(error) !== null) throw error;
      if (!signal.aborted) silent(error);
    }
    return stacks;
  }

  function take(list: DesiredResponse): void {
    deps.onList(list);
    stacks = list.projects.map((spec) => ({ spec, specHash: specHash(spec) }));
    cursor = list.cursor;
    intervalMs = list.pollIntervalMs;
  }

  function answered(): void {
    if (failures > 0) deps.log.info('the control plane answers again', { afterFailures: failures });
    failures = 0;
    told = null;
    waitMs = intervalMs * (0.9 + 0.2 * deps.random());
  }

  function silent(error: unknown): void {
    failures += 1;
    waitMs = exponential(failures, firstRetryMs, longestRetryMs) * (0.8 + 0.2 * deps.random());
    const kind = error instanceof ControlPlaneFailure ? error.kind : 'unreachable';
    const reason = error instanceof Error ? error.message : String(error);
    if (kind === 'not-recognized') deps.log.error(notRecognized, { reason, retryInMs: Math.round(waitMs) });
    if (kind === told || kind === 'not-recognized') return;
    told = kind;
    deps.log.warn('no list from the control plane; what runs stays as it is', { kind, reason });
  }

  return {
    desired,
    isAnswered: () => failures === 0,
    noteCursor(newest) {
      if (newest !== cursor && failures === 0) waitMs = 0;
    },
    resync() {
      cursor = null;
      if (failures === 0) waitMs = 0;
    },
    nextInMs: () => untilDue(askedAt, waitMs, deps.clock.now()),
  };
}

/** Said at every try: nobody but an operator can end it. */
const notRecognized =
  'the control plane does not recognize this host; what runs stays as it is. If the control plane was set back or ' +
  'replaced, restore its database, or join this host anew';
