import { type SQL, sql } from 'drizzle-orm';
import { hosts } from '../../schema/tables/hosts.ts';
import { observations } from '../../schema/tables/observations.ts';
import { projects } from '../../schema/tables/projects.ts';

/**
 * `worker/projects/status.ts` in SQL, so that a list can be filtered and counted by status. The two are compared over
 * every combination by a test. Binds `now`, `lostAfterMs` and `verifiedWithinMs`.
 */
export function statusSql(): SQL<string> {
  const now = sql.placeholder('now');
  const isCurrent = sql`coalesce(${observations.generation} >= ${projects.generation}, 0)`;
  const isSilent = sql`(${hosts.reportedAt} is null or ${now} - ${hosts.reportedAt} > ${sql.placeholder('lostAfterMs')})`;
  const isVerified = sql`${now} - max(coalesce(${observations.verifiedAt}, 0), coalesce(${hosts.verifiedAt}, 0))
    <= ${sql.placeholder('verifiedWithinMs')}`;
  const hasArrived = sql`coalesce(${observations.healthyGeneration} >= ${projects.generation}, 0)`;
  const transition = sql`case when ${hasArrived} then 'ACTIVE_UNHEALTHY' else case ${projects.change}
    when 'create' then 'COMING_UP'
    when 'configure' then case when ${observations.healthyGeneration} is null then 'COMING_UP' else 'ACTIVE_UNHEALTHY' end
    when 'resize' then case when ${observations.healthyGeneration} is null then 'COMING_UP' else 'RESIZING' end
    when 'upgrade' then case when ${observations.healthyGeneration} is null then 'COMING_UP' else 'UPGRADING' end
    when 'pause' then 'PAUSING'
    when 'restore' then 'RESTORING'
    when 'restart' then 'RESTARTING'
    else 'GOING_DOWN' end end`;
  return sql<string>`case
    when ${projects.power} = 'removed' then 'GOING_DOWN'
    when ${projects.firstPort} is null then 'INIT_FAILED'
    when ${hosts.revokedAt} is not null or ${isSilent} then 'UNKNOWN'
    when ${projects.power} = 'paused' then case
      when not ${isCurrent} then case
        when ${projects.change} in ('resize', 'upgrade') and ${observations.phase} = 'stopped' then 'INACTIVE'
        else 'PAUSING' end
      when ${observations.phase} = 'stopped' then 'INACTIVE'
      when ${observations.phase} = 'failed' then 'PAUSE_FAILED'
      else 'PAUSING' end
    when ${isCurrent} and ${observations.phase} = 'failed' then case
      when ${observations.healthyGeneration} is null then 'INIT_FAILED'
      when ${projects.change} = 'restore' and not ${hasArrived} then 'RESTORE_FAILED'
      else 'ACTIVE_UNHEALTHY' end
    when not ${isCurrent} and ${projects.change} <> 'configure' then ${transition}
    when ${observations.phase} = 'healthy' then case when ${isVerified} then 'ACTIVE_HEALTHY' else 'UNKNOWN' end
    when ${observations.phase} in ('unhealthy', 'failed') then 'ACTIVE_UNHEALTHY'
    else ${transition} end`;
}
