import { headText } from '../../schema/audit-chain.ts';
import type { Deps } from '../deps.ts';
import { anchorPlace } from './head-places.ts';

/** in one run; the others are a minute away */
const mostChains = 100;

/**
 * Retention of chained entries: each chain loses its beginning up to the first entry that is young enough, and keeps
 * sealed what the last one was that went, so that verification starts there. At most `limit` entries of each chain.
 * Returns how many entries went.
 */
export async function cutChains(
  { store, vault }: Pick<Deps, 'store' | 'vault'>,
  organizationIds: readonly number[],
  { auditBefore, limit }: { auditBefore: number; limit: number },
): Promise<number> {
  if (organizationIds.length === 0) return 0;
  const chains = await store.auditChains.oldestOf(organizationIds.slice(0, mostChains), limit);
  const cuts = await Promise.all(
    chains.flatMap(({ organizationId, from, entries }) => {
      const young = entries.findIndex(({ at }) => at >= auditBefore);
      const anchor = entries.at(young === -1 ? -1 : young - 1)?.head;
      if (anchor === undefined || young === 0) return [];
      return [sealed(organizationId, from, anchor)];
    }),
  );
  return cuts.length === 0 ? 0 : store.auditChains.cut(cuts);

  async function sealed(organizationId: number, from: number, anchor: { sequence: number; hash: string }) {
    const anchorSeal = await vault.seal(headText(anchor), anchorPlace(organizationId));
    return { organizationId, from, anchor, anchorSeal };
  }
}
