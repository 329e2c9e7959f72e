import type { DesiredResponse, HostFacts, ProjectReport, ReportRequest } from '../schema/agent-protocol.ts';
import { exponential } from './backoff.ts';
import { ControlPlaneFailure, haltKind } from './control-plane-failure.ts';
import type { Clock, ControlPlane, Log } from './deps.ts';
import { untilDue } from './due.ts';
import { fingerprint, type HostView } from './report.ts';
import { afterAccepted, afterConflict, afterPoll, afterSilence, unknownSequence } from './sequence.ts';

export type Reporter = {
  /** Sends what changed, or a heartbeat, or nothing. Throws `ControlPlaneFailure`s that end the agent. */
  send(view: HostView, signal: AbortSignal): Promise<void>;
  /** A whole list came: it tells where the control plane stands. */
  noteList(list: DesiredResponse): void;
};

const heartbeatEveryMs = 12_000;
const firstRetryMs = 1_000;
const longestRetryMs = 30_000;
/** per report: keeps its body well below what a control plane takes; the rest follows at once */
const mostProjects = 100;
const mostStrangers = 1_000;

/**
 * Remembers what was accepted, so that nothing is told twice. After a report whose fate is not known, `onDoubt` is
 * called and nothing is sent until a whole list has come.
 */
export function createReporter(
  controlPlane: Pick<ControlPlane, 'report'>,
  facts: HostFacts,
  deps: { clock: Clock; log: Log; onDoubt(): void; onCursor(cursor: number): void },
): Reporter {
  let sequence = unknownSequence;
  let accepted = new Map<string, string>();
  let acceptedStrangers: string[] = [];
  let acceptedAt: number | null = null;
  let triedAt: number | null = null;
  let failures = 0;

  async function send(view: HostView, signal: AbortSignal): Promise<void> {
    const now = deps.clock.now();
    if (!sequence.certain || sequence.acknowledged === null) return;
    if (failures > 0 && untilDue(triedAt, exponential(failures, firstRetryMs, longestRetryMs), now) > 0) return;
    const isHeartbeat = untilDue(acceptedAt, heartbeatEveryMs, now) === 0;
    const news = view.projects.filter((report) => isNews(report, isHeartbeat));
    const strangers = view.strangers?.map((ref) => ref.slice(0, 64)).slice(0, mostStrangers) ?? acceptedStrangers;
    if (news.length === 0 && strangers.join() === acceptedStrangers.join() && !isHeartbeat) return;
    const projects = news.slice(0, mostProjects);
    // what is told only next time must not be vouched for now
    const verifiedAgeMs = projects.length < news.length ? null : view.verifiedAgeMs;
    await deliver({ sequence: sequence.acknowledged + 1, facts, verifiedAgeMs, projects, strangers }, signal);
  }

  async function deliver(report: ReportRequest, signal: AbortSignal): Promise<void> {
    triedAt = deps.clock.now();
    // until the answer it is not known what the control plane knows of these
    for (const { ref } of report.projects) accepted.delete(ref);
    try {
      const response = await controlPlane.report(report, signal);
      sequence = afterAccepted(report.sequence);
      remember(report);
      deps.onCursor(response.cursor);
    } catch (error) {
      if (haltKind(error) !== null) throw error;
      if (!signal.aborted) doubt(error);
    }
  }

  /** A removal is told with every heartbeat, until the list no longer asks for it. */
  function isNews(report: ProjectReport, isHeartbeat: boolean): boolean {
    return accepted.get(report.ref) !== fingerprint(report) || (isHeartbeat && report.phase === 'removed');
  }

  function remember(report: ReportRequest): void {
    for (const project of report.projects) accepted.set(project.ref, fingerprint(project));
    acceptedStrangers = report.strangers;
    acceptedAt = triedAt;
    failures = 0;
  }

  function doubt(error: unknown): void {
    const kind = error instanceof ControlPlaneFailure ? error.kind : 'unreachable';
    sequence = kind === 'sequence-conflict' ? afterConflict(sequence) : afterSilence(sequence);
    failures = kind === 'sequence-conflict' ? 0 : failures + 1;
    deps.log.warn('a report was not accepted', {
      kind,
      reason: error instanceof Error ? error.message : String(error),
    });
    deps.onDoubt();
  }

  function noteList({ reportSequence, projects }: DesiredResponse): void {
    const next = afterPoll(sequence, reportSequence);
    if (next === 'foreign') throw new ControlPlaneFailure('key-in-use', keyInUse);
    const wasSetBack = sequence.acknowledged !== null && reportSequence < sequence.acknowledged;
    if (wasSetBack) deps.log.warn('the control plane was set back to an older state; everything is reported again');
    sequence = next;
    const named = new Set(projects.map(({ ref }) => ref));
    accepted = new Map(wasSetBack ? [] : [...accepted].filter(([ref]) => named.has(ref)));
  }

  return { send, noteList };
}

const keyInUse =
  "Somebody else reports with this host's key: its data directory was copied, or two machines share it. " +
  'Nothing more is reported or changed from here. Revoke the host and let each machine join with its own token.';
