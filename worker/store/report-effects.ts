import { auditInsert } from './audit.ts';
import { change } from './change.ts';
import type { Database, Statement } from './db.ts';

/** A project as a report tells of it, in what is stored. */
export type Told = {
  ref: string;
  generation: number;
  phase: string;
  reason: string | null;
  verifiedAt: number | null;
  healthyGeneration: number | null;
  protocol: string | null;
  endpoint: string | null;
  /** JSON */
  services: string;
  /** JSON: sentences */
  drift: string;
};

type Affected = { ref: string; organizationId: number; drift: string };
type By = Parameters<typeof auditInsert>[1];

/**
 * What is to be audited once this report of the host is taken: projects of which it is the first to tell of some drift,
 * and such whose removal it completes. One round trip, and none for a report that tells of neither.
 */
export async function foresee(
  database: Database,
  hostId: string,
  told: readonly Told[],
): Promise<{ drifted: Affected[]; gone: Affected[] }> {
  const concerned = told.filter(({ phase, drift }) => phase === 'removed' || drift !== '[]');
  if (concerned.length === 0) return { drifted: [], gone: [] };
  const [rows] = await database.read([effects(hostId, concerned)]);
  for (const { organizationId, head } of rows) database.rememberHead(organizationId, head);
  return { drifted: rows.filter(({ isDrift }) => isDrift), gone: rows.filter(({ isGone }) => isGone) };
}

function effects(hostId: string, told: readonly Told[]) {
  return {
    sql: `select projects.ref, projects.organization_id, told.value ->> 'drift',
                 told.value ->> 'drift' <> '[]' and told.value ->> 'generation' <= projects.generation
                   and (observations.ref is null or exists (
                     select 1 from json_each(told.value ->> 'drift') as now
                     where now.value not in (select value from json_each(observations.drift)))),
                 told.value ->> 'phase' = 'removed' and power = 'removed' and told.value ->> 'generation' = projects.generation,
                 audit_heads.sequence, audit_heads.hash
          from json_each(?) as told cross join projects on projects.ref = told.value ->> 'ref'
          left join observations on observations.ref = projects.ref
          left join audit_heads on audit_heads.organization_id = projects.organization_id
          where projects.host_id = ?
            and (observations.ref is null or told.value ->> 'generation' >= observations.generation)`,
    args: [JSON.stringify(told), hostId],
    decode: ({ rows }) =>
      rows.map((row) => ({
        ref: String(row[0]),
        organizationId: Number(row[1]),
        drift: String(row[2]),
        isDrift: row[3] === 1,
        isGone: row[4] === 1,
        head: row[5] === null ? null : { sequence: Number(row[5]), hash: String(row[6]) },
      })),
  } satisfies Statement<unknown>;
}

/**
 * Right behind the observations of an accepted report. What was foreseen has to have happened: another report of the
 * host in between would have been taken instead of this one.
 */
export function auditDrift(drifted: readonly Affected[], sequence: number, by: By): Statement<unknown>[] {
  return drifted.map(({ ref, organizationId, drift }) =>
    auditInsert(
      { organizationId, action: 'project.drift', target: ref, details: { drift: sentences(drift).join('; ') } },
      by,
      {
        when: { sql: 'changes() > 0', args: [] },
        expected: {
          sql: 'exists (select 1 from observations where ref = ? and drift_sequence = ?)',
          args: [ref, sequence],
        },
      },
    ),
  );
}

/** Looks at what is stored, not at the report: a refused one removes nothing. Secrets, keys and observations cascade. */
export function removeGone(gone: readonly Affected[], hostId: string, by: By): Statement<unknown>[] {
  return gone.flatMap(({ ref, organizationId }) => [
    change(
      `delete from projects where ref = ? and +host_id = ? and power = 'removed' and exists (
         select 1 from observations
         where observations.ref = projects.ref and phase = 'removed' and observations.generation = projects.generation)`,
      [ref, hostId],
    ),
    auditInsert({ organizationId, action: 'project.removed', target: ref }, by),
    change('update hosts set change_sequence = change_sequence + 1 where changes() = 1 and id = ?', [hostId]),
  ]);
}

function sentences(drift: string): string[] {
  const parsed: unknown = JSON.parse(drift);
  return Array.isArray(parsed) ? parsed.map(String) : [];
}
