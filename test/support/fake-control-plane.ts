import { ControlPlaneFailure } from '../../agent/control-plane-failure.ts';
import type { ControlPlane } from '../../agent/deps.ts';
import type { ProjectReport, ReportRequest } from '../../schema/agent-protocol.ts';
import { reportRequest } from '../../schema/agent-protocol.ts';
import type { StackSpec } from '../../schema/stack-spec.ts';

export type FakeControlPlane = ControlPlane & {
  /** every request, in order */
  log: ('poll' | 'report')[];
  /** every report that arrived, also those whose answer was lost */
  reports: ReportRequest[];
  /** what the last accepted report said of each project */
  told: Map<string, ProjectReport>;
  want(...specs: StackSpec[]): void;
  sequence: number;
  /** `down`: no answer; `deaf`: reports are accepted, their answers lost; `lost`: reports vanish on the way */
  mode: 'up' | 'down' | 'deaf' | 'lost';
  /** sees every accepted report as it arrives */
  onReport: ((report: ReportRequest) => void) | null;
  /** thrown by every request when set */
  refusal: ControlPlaneFailure | null;
};

/** The other end of the protocol, in memory: cursor, sequence, and the ways in which a network fails. */
export function createFakeControlPlane(): FakeControlPlane {
  let cursor = 0;
  let projects: StackSpec[] = [];

  const fake: FakeControlPlane = {
    log: [],
    reports: [],
    told: new Map(),
    sequence: 0,
    mode: 'up',
    onReport: null,
    refusal: null,
    want(...specs) {
      projects = specs;
      cursor += 1;
    },
    async desired(known) {
      fake.log.push('poll');
      refuse(fake);
      if (known === cursor) return null;
      return { cursor, pollIntervalMs: 1_000, reportSequence: fake.sequence, projects };
    },
    async report(report) {
      fake.log.push('report');
      refuse(fake);
      if (fake.mode === 'lost') throw new ControlPlaneFailure('unreachable', 'lost');
      const parsed = reportRequest.parse(report);
      if (parsed.sequence !== fake.sequence + 1) throw new ControlPlaneFailure('sequence-conflict', 'out of order');
      fake.sequence = parsed.sequence;
      fake.reports.push(parsed);
      fake.onReport?.(parsed);
      for (const project of parsed.projects) fake.told.set(project.ref, project);
      if (fake.mode === 'deaf') throw new ControlPlaneFailure('unreachable', 'the answer was lost');
      return { sequence: parsed.sequence, cursor };
    },
  };
  return fake;
}

function refuse({ mode, refusal }: FakeControlPlane): void {
  if (refusal !== null) throw refusal;
  if (mode === 'down') throw new ControlPlaneFailure('unreachable', 'down');
}
