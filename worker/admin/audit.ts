import { z } from 'zod';
import type { AuditEntry, AuditVerdict } from '../../client/contract/audit.ts';
import { parseHead } from '../../schema/audit-chain.ts';
import { auditActions } from '../../schema/audit-entry.ts';
import type { Position } from '../audit/follow-chain.ts';
import { auditHead } from '../audit/head.ts';
import { type ListedEntry, listAuditEntries } from '../audit/list-entries.ts';
import { type Verdict, verifyAudit } from '../audit/verify.ts';
import { isoTime } from '../projects/iso-time.ts';
import { cursorOf, limitOf, numericCursor, pageInput } from './paging.ts';
import { procedure, router } from './trpc.ts';

const organization = z.string().max(100);
const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const listInput = pageInput.extend({
  cursor: numericCursor,
  organization,
  actor: z.string().min(1).max(254).optional(),
  action: z.string().refine(isAuditAction, 'is none that is recorded').optional(),
  project: z.string().max(100).optional(),
  since: time.optional(),
  until: time.optional(),
});
const head = z.object({ sequence: z.int().positive(), hash: z.string().regex(/^[0-9a-f]{64}$/, 'must be a hash') });
const verifyInput = z.object({
  organization,
  cursor: z
    .string()
    .regex(/^-?\d{1,16}\.\d{1,15}\.\d{1,15}:[0-9a-f]{64}$/, 'must be the nextCursor of another call')
    .optional(),
  head: head.optional(),
});
const storedDetails = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

/** `audit.*` */
export const audit = router({
  list: procedure.input(listInput).query(async ({ ctx, input }) => {
    const { organization, actor, action, project, since, until, cursor: before = null } = input;
    const filter = {
      actor: actor?.toLowerCase() ?? null,
      action: action ?? null,
      target: project ?? null,
      since: since ?? null,
      until: until ?? null,
    };
    const { entries, next } = await listAuditEntries(ctx, { organization, filter, before, limit: limitOf(input) });
    return { items: entries.map(toWire), nextCursor: cursorOf(next) };
  }),
  head: procedure.input(z.object({ organization })).query(({ ctx, input }) => auditHead(ctx, input)),
  verify: procedure.input(verifyInput).query(async ({ ctx, input }) => {
    const from = input.cursor === undefined ? null : positionOf(input.cursor);
    return verdict(await verifyAudit(ctx, { organization: input.organization, from, earlier: input.head ?? null }));
  }),
});

function isAuditAction(text: string): boolean {
  return auditActions.some((action) => action === text);
}

function toWire(entry: ListedEntry): AuditEntry {
  const { id, at, actorKind, actorId, action, target, requestId, address, details } = entry;
  return {
    id,
    at: isoTime(at),
    actor: { kind: actorKind, id: actorId, email: entry.actorEmail },
    action,
    target,
    requestId,
    address,
    route: entry.route,
    credential: entry.credential,
    details: storedDetails.parse(JSON.parse(details)),
    sequence: entry.sequence,
    hash: entry.hash,
  };
}

function verdict({ next, ...rest }: Verdict): AuditVerdict {
  const { id, unchained, head: reached } = next ?? {};
  return { ...rest, nextCursor: reached ? `${id}.${unchained}.${reached.sequence}:${reached.hash}` : null };
}

function positionOf(cursor: string): Position | null {
  const [id, unchained, text] = cursor.split('.');
  const reached = parseHead(text ?? '');
  return reached === null ? null : { id: Number(id), unchained: Number(unchained), head: reached };
}
