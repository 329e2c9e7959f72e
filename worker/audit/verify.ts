import { type ChainHead, genesis, headText } from '../../schema/audit-chain.ts';
import { organizationSlug } from '../../schema/ids.ts';
import type { Ctx, SealedPlace } from '../deps.ts';
import { notFound } from '../errors.ts';
import { authorize } from '../policy.ts';
import { type Fault, followChain, type Position } from './follow-chain.ts';
import { anchorPlace, headPlace } from './head-places.ts';

export type Verdict = {
  /** of what was looked at so far */
  intact: boolean;
  /** entries looked at by this call */
  entries: number;
  /** where the chain ends now; null: it has no entry yet */
  head: ChainHead | null;
  /** what comes before is not there any more, by the retention of the configuration; 0: nothing */
  removedUpTo: number;
  fault: Fault | null;
  /** where to go on; null: this was all */
  next: Position | null;
};

const pageSize = 1000;
const start: Position = { id: null, head: genesis, unchained: 0 };

/**
 * Follows an organization's chain of audit entries, a page for each call, and finds an entry that was changed, removed,
 * put in or moved. `earlier`: a head that was kept somewhere else, which has to be in it; only that shows that the end
 * was cut off together with an old head put in place. Errors: `not_found`, `forbidden`.
 */
export async function verifyAudit(
  ctx: Ctx,
  input: { organization: string; from: Position | null; earlier: ChainHead | null },
): Promise<Verdict> {
  const { clock, store } = ctx.deps;
  const slug = organizationSlug.safeParse(input.organization).success ? input.organization : '';
  const from = input.from ?? start;
  // one more than is looked at, which tells whether there are more
  const page = { after: from.id, limit: pageSize + 1 };
  const found = await store.auditChains.chainOfOrganization(ctx.credential, slug, page, clock.now());
  if (found.organization === null) throw notFound('Organization');
  authorize(found.actor, found.organization, 'audit:read');

  const { kept, organization } = found;
  const entries = found.entries.slice(0, pageSize);
  const anchor = kept === null || kept.anchor.sequence === 0 ? genesis : kept.anchor;
  // retention may have cut what was looked at by the call before
  const position = from.head.sequence < anchor.sequence ? { ...from, head: anchor } : from;
  const isLast = found.entries.length <= pageSize;
  const { earlier } = input;
  const followed = await followChain(position, entries, { earlier, goesOn: !isLast });
  const { reached } = followed;

  const fault =
    (kept !== null && (await anchorFault(ctx, organization.id, anchor, kept.anchorSeal))) ||
    earlierFault(earlier, anchor) ||
    followed.fault ||
    (isLast
      ? await endFault(ctx, organization, { kept, reached: reached.head, lastSeal: followed.lastSeal, earlier })
      : null);
  return {
    intact: fault === null,
    entries: entries.length,
    head: kept?.head ?? null,
    removedUpTo: anchor.sequence,
    fault,
    next: isLast || fault !== null ? null : reached,
  };
}

async function anchorFault(ctx: Ctx, id: number, anchor: ChainHead, seal: string): Promise<Fault | null> {
  if (anchor.sequence === 0 || (await opensAs(ctx, seal, anchor, [anchorPlace(id)]))) return null;
  return { sequence: anchor.sequence, what: 'entries up to here were removed, and not by the retention' };
}

function earlierFault(earlier: ChainHead | null, anchor: ChainHead): Fault | null {
  if (earlier === null || earlier.sequence !== anchor.sequence || earlier.hash === anchor.hash) return null;
  return { sequence: earlier.sequence, what: 'the chain does not contain the head that was given' };
}

type End = {
  kept: { head: ChainHead; seal: string } | null;
  reached: ChainHead;
  lastSeal: string | null | undefined;
  earlier: ChainHead | null;
};

async function endFault(
  ctx: Ctx,
  organization: { id: number; slug: string },
  { kept, reached, lastSeal, earlier }: End,
): Promise<Fault | null> {
  if (kept === null) {
    if (reached.sequence > 0) return { sequence: reached.sequence, what: 'the head of the chain is gone' };
    return earlier === null ? null : { sequence: earlier.sequence, what: 'the chain is gone' };
  }
  const { head, seal } = kept;
  if (reached.sequence !== head.sequence || reached.hash !== head.hash) {
    return { sequence: reached.sequence + 1, what: `the chain does not go on to its head, which is ${head.sequence}` };
  }
  // the first entry of an organization was sealed before that had an id
  const places = [headPlace(organization.id), ...(head.sequence === 1 ? [headPlace(organization.slug)] : [])];
  if (!(await opensAs(ctx, seal, head, places)) || (lastSeal !== undefined && lastSeal !== seal)) {
    return { sequence: head.sequence, what: 'the head was not sealed by this control plane' };
  }
  if (earlier === null || earlier.sequence <= head.sequence) return null;
  return { sequence: head.sequence, what: `the chain ended at ${earlier.sequence} before, and ends here now` };
}

async function opensAs(ctx: Ctx, seal: string, head: ChainHead, places: SealedPlace[]): Promise<boolean> {
  for (const place of places) {
    try {
      if ((await ctx.deps.vault.open(seal, place)) === headText(head)) return true;
    } catch {
      // sealed for another place, or by nobody who has the keys
    }
  }
  return false;
}
