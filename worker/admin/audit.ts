import { z } from 'zod';
import type { AuditEntry } from '../../client/contract.ts';
import { type ListedEntry, listAuditEntries } from '../audit/list-entries.ts';
import { isoTime } from '../projects/iso-time.ts';
import { cursorOf, limitOf, numericCursor, pageInput } from './paging.ts';
import { procedure, router } from './trpc.ts';

const listInput = pageInput.extend({ cursor: numericCursor, organization: z.string().max(100) });
const storedDetails = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

/** `audit.*` */
export const audit = router({
  list: procedure.input(listInput).query(async ({ ctx, input }) => {
    const { organization, cursor: before = null } = input;
    const { entries, next } = await listAuditEntries(ctx, { organization, before, limit: limitOf(input) });
    return { items: entries.map(toWire), nextCursor: cursorOf(next) };
  }),
});

function toWire(entry: ListedEntry): AuditEntry {
  const { id, at, actorKind, actorId, action, target, requestId, address, details } = entry;
  return {
    id,
    at: isoTime(at),
    actor: { kind: actorKind, id: actorId },
    action,
    target,
    requestId,
    address,
    details: storedDetails.parse(JSON.parse(details)),
  };
}
