import type { Deps } from '../deps.ts';
import type { UpkeepCounts } from '../store/system.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** of one kind in one run: a backlog is worked off over several, and none holds the database for long */
const mostRemoved = 1000;

/**
 * What no request triggers: hosts that fell silent are marked lost, and what has expired goes. Idempotent, one round
 * trip; nothing that is answered to a request depends on its having run.
 */
export async function tick(deps: Deps): Promise<UpkeepCounts> {
  const { clock, config, log, random, store } = deps;
  const now = clock.now();
  const { auditRetentionDays } = config;
  const requestId = random.uuid();
  const counts = await store.system.upkeep({
    now,
    lostBefore: now - config.agents.lostAfterMs,
    auditBefore: auditRetentionDays === null ? null : now - auditRetentionDays * dayMs,
    limit: mostRemoved,
    requestId,
  });
  if (Object.values(counts).some((count) => count > 0)) log.info('tick', { requestId, ...counts });
  return counts;
}
