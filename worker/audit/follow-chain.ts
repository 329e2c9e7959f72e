import { type ChainHead, nextHead } from '../../schema/audit-chain.ts';
import type { ChainRow } from '../store/audit-chains.ts';

/** How far a chain was followed: the id of the last entry (null: none yet), the head there, and entries seen that are in no chain. */
export type Position = { id: number | null; head: ChainHead; unchained: number };

/** The first entry that is not as it was written. */
export type Fault = { sequence: number; what: string };

/** `lastSeal`: of the last entry that was followed; undefined: there was none. */
type Followed = { reached: Position; lastSeal: string | null | undefined; fault: Fault | null };

/** Entries from before there were chains come first; everything behind them has to be the next link of the chain. */
export async function followChain(
  from: Position,
  entries: readonly ChainRow[],
  { earlier, goesOn }: { earlier: ChainHead | null; goesOn: boolean },
): Promise<Followed> {
  let { head, unchained } = from;
  let { id } = from;
  let lastSeal: string | null | undefined;
  const stop = (what: string): Followed => ({
    reached: { id, head, unchained },
    lastSeal,
    fault: { sequence: head.sequence + 1, what },
  });
  for (const entry of entries) {
    if (entry.sequence === null) {
      if (head.sequence > 0) return stop(`an entry without a number stands here (${named(entry)})`);
      unchained += 1;
      id = entry.id;
      continue;
    }
    if (entry.sequence !== head.sequence + 1) {
      return stop(
        entry.sequence > head.sequence
          ? `the entry is missing; the next one has number ${entry.sequence}`
          : `an entry with number ${entry.sequence} stands here`,
      );
    }
    const isFirst = entry.sequence === 1;
    if (isFirst && unchained > 0 && entry.action === 'organization.create') {
      return stop('entries stand before the one that made the organization');
    }
    const next = await nextHead(head, entry);
    if (next.hash !== entry.hash) return stop(`the entry was changed (${named(entry)})`);
    // only the head is sealed, and an entry takes the seal off the one before it
    if (lastSeal) return unsealedNot(head);
    if (earlier?.sequence === next.sequence && earlier.hash !== next.hash) {
      return stop('the chain does not contain the head that was given');
    }
    head = next;
    id = entry.id;
    lastSeal = entry.seal;
  }
  return lastSeal && goesOn ? unsealedNot(head) : { reached: { id, head, unchained }, lastSeal, fault: null };

  function unsealedNot({ sequence }: ChainHead): Followed {
    const what = 'the entry is sealed as if it were the last';
    return { reached: { id, head, unchained }, lastSeal, fault: { sequence, what } };
  }
}

function named({ id, action, target }: ChainRow): string {
  return `id ${id}, ${action} ${target}`;
}
