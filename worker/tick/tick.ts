import { cutChains } from '../audit/cut-chains.ts';
import type { Deps } from '../deps.ts';
import type { UpkeepCounts } from '../store/system.ts';

const dayMs = 24 * 60 * 60 * 1000;
const noticeRetentionDays = 90;
const unconfirmedRetentionDays = 30;
/** of one kind in one batch, so that none holds the database for long */
const mostRemoved = 1000;
/** batches in one run, while there is a backlog */
const mostBatches = 20;

/**
 * What no request triggers: hosts that fell silent are marked lost, and what has expired goes. Idempotent, one round
 * trip, and more only while there is a backlog or a chain to cut; nothing that is answered to a request depends on its
 * having run.
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
    noticesBefore: now - noticeRetentionDays * dayMs,
    unconfirmedBefore: now - unconfirmedRetentionDays * dayMs,
    limit: mostRemoved,
    requestId,
  };
  const counts = { ...none };
  for (let batch = 1; batch <= mostBatches; batch += 1) {
    const done = await store.system.upkeep(upkeep);
    counts.hostsLost += done.counts.hostsLost;
    for (const kind of kinds) counts[kind] += done.counts[kind];
    if (hasMore(done.counts)) continue;
    // entries from before there were chains are older than any chain, and go first
    const { auditBefore } = upkeep;
    const cut = auditBefore === null ? 0 : await cutChains(deps, done.chainsToCut, { auditBefore, limit: mostRemoved });
    counts.auditEntriesRemoved += cut;
    if (cut < mostRemoved) break;
  }
  if (Object.values(counts).some((count) => count > 0)) log.info('tick', { requestId, ...counts });
  return counts;
}

const none: UpkeepCounts = {
  hostsLost: 0,
  sessionsRemoved: 0,
  enrolmentTokensRemoved: 0,
  accessTokensRemoved: 0,
  auditEntriesRemoved: 0,
  notificationsRemoved: 0,
  invitationsRemoved: 0,
  accountsRemoved: 0,
  limitsRemoved: 0,
  proofsRemoved: 0,
};
const kinds = [
  'sessionsRemoved',
  'enrolmentTokensRemoved',
  'accessTokensRemoved',
  'auditEntriesRemoved',
  'notificationsRemoved',
  'invitationsRemoved',
  'accountsRemoved',
  'limitsRemoved',
  'proofsRemoved',
] as const;

/** A full batch was not all there was. */
function hasMore(counts: UpkeepCounts): boolean {
  return kinds.some((kind) => counts[kind] >= mostRemoved);
}
