import type { Deps } from '../deps.ts';
import type { UpkeepCounts } from '../store/system.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** of one kind in one batch, so that none holds the database for long */
const mostRemoved = 1000;
/** batches in one run, while there is a backlog */
const mostBatches = 20;

/**
 * What no request triggers: hosts that fell silent are marked lost, and what has expired goes. Idempotent, one round
 * trip, and more only while there is a backlog; nothing that is answered to a request depends on its having run.
 */
export async function tick(deps: Deps): Promise<UpkeepCounts> {
  const { clock, config, log, random, store } = deps;
  const now = clock.now();
  const { auditRetentionDays } = config;
  const requestId = random.uuid();
  const upkeep = {
    now,
    lostBefore: now - config.agents.lostAfterMs,
    auditBefore: auditRetentionDays === null ? null : now - auditRetentionDays * dayMs,
    limit: mostRemoved,
    requestId,
  };
  const counts = await store.system.upkeep(upkeep);
  let last = counts;
  for (let batch = 1; batch < mostBatches && hasMore(last); batch += 1) {
    last = await store.system.upkeep(upkeep);
    for (const kind of kinds) counts[kind] += last[kind];
  }
  if (Object.values(counts).some((count) => count > 0)) log.info('tick', { requestId, ...counts });
  return counts;
}

const kinds = ['sessionsRemoved', 'enrolmentTokensRemoved', 'accessTokensRemoved', 'auditEntriesRemoved'] as const;

/** A full batch was not all there was. */
function hasMore(counts: UpkeepCounts): boolean {
  return kinds.some((kind) => counts[kind] >= mostRemoved);
}
