import { portsPerProject } from '../../schema/stack-spec.ts';
import type { Statement } from './db.ts';

/** A host that could take a project, or one that shows why others of its kind do not. Times as everywhere. */
export type HostCandidate = {
  id: string;
  region: string;
  cordoned: boolean;
  revokedAt: null;
  lostAt: number | null;
  enrolledAt: number;
  reportedAt: number | null;
  firstPort: number;
  lastPort: number;
  projectHost: string;
  frontDoorPort: number | null;
  /** blocks of ports in use; not counted where none can be taken */
  usedBlocks: number;
  /** hosts of the same region that can or cannot take a project alike, with this one */
  alike: number;
};

/**
 * Of each region the host with the most room among those that may take a project, and one of each kind that may not:
 * what placement decides by, however many hosts there are. It prefers as `projects/place.ts` does.
 */
export function hostCandidates({ now, lostAfterMs }: { now: number; lostAfterMs: number }): Statement<HostCandidate[]> {
  return {
    sql: `with judged as (
            select *, lost_at is not null or ? - max(coalesce(reported_at, 0), enrolled_at) > ? as silent
            from hosts where revoked_at is null
          ), counted as (
            select *, case when cordoned or silent then 0
                      else (select count(first_port) from projects where host_id = judged.id) end as used_blocks
            from judged
          ), ranked as (
            select *, count(*) over kind as alike,
                   row_number() over (kind order by used_blocks >= (last_port - first_port + 1) / ${portsPerProject},
                                                    used_blocks, id) as place
            from counted window kind as (partition by region, cordoned, silent)
          )
          select id, region, cordoned, lost_at, enrolled_at, reported_at, first_port, last_port, project_host,
                 front_door_port, used_blocks, alike
          from ranked where place = 1`,
    args: [now, lostAfterMs],
    decode: ({ rows }) =>
      rows.map((row) => ({
        id: String(row.id),
        region: String(row.region),
        cordoned: row.cordoned === 1,
        revokedAt: null,
        lostAt: numberOrNull(row.lost_at),
        enrolledAt: Number(row.enrolled_at),
        reportedAt: numberOrNull(row.reported_at),
        firstPort: Number(row.first_port),
        lastPort: Number(row.last_port),
        projectHost: String(row.project_host),
        frontDoorPort: numberOrNull(row.front_door_port),
        usedBlocks: Number(row.used_blocks),
        alike: Number(row.alike),
      })),
  };
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
