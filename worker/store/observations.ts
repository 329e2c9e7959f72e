import type { HostFacts, ProjectReport } from '../../schema/agent-protocol.ts';
import type { RequestInfo } from '../deps.ts';
import type { Database, Statement } from './db.ts';
import { auditDrift, foresee, removeGone, type Told } from './report-effects.ts';

export type AcceptedReport = {
  hostId: string;
  sequence: number;
  facts: HostFacts;
  /** milliseconds since the epoch */
  verifiedAt: number | null;
  projects: readonly ProjectReport[];
  /** refs of stacks with our label that no list of the host names */
  strangers: readonly string[];
  at: number;
};

/** Where a host stands after a report, whether that was accepted or not. */
export type ReportOutcome = { accepted: boolean; sequence: number; cursor: number };

/** What agents saw. */
export function observationStore(database: Database) {
  return {
    /**
     * One round trip: takes a report when it is the next of its host, with what follows from it. A project whose
     * removal is complete goes here, with its audit row. One more before it where there is drift or a removal.
     */
    async accept(accepted: AcceptedReport, request: RequestInfo): Promise<ReportOutcome> {
      // of a project that is named twice the last counts
      const projects = [...new Map(accepted.projects.map((project) => [project.ref, project])).values()];
      const report = { ...accepted, projects };
      const told = projects.map((project) => observation(project, report.at));
      const { drifted, gone } = await foresee(database, report.hostId, told);
      const by = { actor: { kind: 'host', id: report.hostId } as const, request, at: report.at };
      const results = await database.write([
        position(report.hostId),
        takeSequence(report),
        ...(told.length === 0 ? [] : [storeObservations(report, told)]),
        ...auditDrift(drifted, report.sequence, by).map(silent),
        ...removeGone(gone, report.hostId, by).map(silent),
        position(report.hostId),
      ]);
      const before = results[0];
      const after = results.at(-1);
      if (before === undefined || after === undefined) throw new Error('a report was answered without a position');
      // the sequence moves only by an accepted report, and nothing comes between the statements of a batch
      return { ...after, accepted: after.sequence !== before.sequence };
    },
  };
}
export type ObservationStore = ReturnType<typeof observationStore>;

type Position = { sequence: number; cursor: number };
const nowhere: Position = { sequence: 0, cursor: 0 };

function silent(statement: Statement<unknown>): Statement<Position> {
  return { ...statement, decode: () => nowhere };
}

function position(hostId: string): Statement<Position> {
  return {
    sql: 'select report_sequence, change_sequence from hosts where id = ?',
    args: [hostId],
    decode: ({ rows: [row] }) => (row === undefined ? nowhere : { sequence: Number(row[0]), cursor: Number(row[1]) }),
  };
}

function takeSequence({ hostId, sequence, facts, verifiedAt, strangers, at }: AcceptedReport): Statement<Position> {
  return {
    sql: `update hosts set report_sequence = ?, reported_at = ?, verified_at = coalesce(?, verified_at), lost_at = null,
                           runtime = ?, agent_version = ?, project_host = ?, front_door_host = ?, front_door_port = ?,
                           first_port = ?, last_port = ?, strangers = ?
          where id = ? and report_sequence = ? and revoked_at is null`,
    args: [
      sequence,
      at,
      verifiedAt,
      facts.runtime,
      facts.agentVersion,
      facts.projectHost,
      facts.frontDoor?.host ?? null,
      facts.frontDoor?.port ?? null,
      facts.portRange.first,
      facts.portRange.last,
      JSON.stringify(strangers.map(whole)),
      hostId,
      sequence - 1,
    ],
    decode: () => nowhere,
  };
}

/**
 * Only behind an accepted sequence, only projects placed on this host, only generations that exist, and never an older
 * one over a newer. Goes from the report to its projects by their refs, however many projects the host has.
 */
function storeObservations({ hostId, sequence, at }: AcceptedReport, told: Told[]): Statement<Position> {
  return {
    sql: `insert into observations (ref, generation, phase, reason, reported_at, verified_at, healthy_generation,
                                    gateway_protocol, gateway_endpoint, services, drift, drift_sequence)
          select projects.ref, value ->> 'generation', value ->> 'phase', value ->> 'reason', ?, value ->> 'verifiedAt',
                 value ->> 'healthyGeneration', value ->> 'protocol', value ->> 'endpoint', value ->> 'services',
                 value ->> 'drift', case when value ->> 'drift' <> '[]' then ? end
          from json_each(?) as reported cross join projects on projects.ref = reported.value ->> 'ref'
          where changes() = 1 and projects.host_id = ? and value ->> 'generation' <= projects.generation
          on conflict (ref) do update set
            generation = excluded.generation, phase = excluded.phase, reason = excluded.reason,
            reported_at = excluded.reported_at, verified_at = excluded.verified_at,
            healthy_generation = coalesce(excluded.healthy_generation, observations.healthy_generation),
            gateway_protocol = excluded.gateway_protocol, gateway_endpoint = excluded.gateway_endpoint,
            services = excluded.services, drift = excluded.drift,
            drift_sequence = case
              when excluded.drift = '[]' then null
              when exists (select 1 from json_each(excluded.drift) as now
                           where now.value not in (select value from json_each(observations.drift)))
                then excluded.drift_sequence
              else observations.drift_sequence end
          where excluded.generation >= observations.generation`,
    args: [at, sequence, JSON.stringify(told), hostId],
    decode: () => nowhere,
  };
}

function observation(project: ProjectReport, at: number): Told {
  const { ref, generation, phase, reason, verifiedAgeMs, gateway, services, drift } = project;
  const verifiedAt = verifiedAgeMs === null ? null : at - verifiedAgeMs;
  return {
    ref,
    generation,
    phase,
    // a text cut within a character could be stored, and then no row it is in could be read
    reason: reason === null ? null : whole(reason),
    verifiedAt,
    healthyGeneration: phase === 'healthy' ? generation : null,
    protocol: gateway?.protocol ?? null,
    endpoint: gateway?.endpoint ?? null,
    services: JSON.stringify(services),
    drift: JSON.stringify(drift.map(whole)),
  };
}

/** Halves of characters become U+FFFD. */
function whole(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}
