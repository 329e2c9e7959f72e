import { organizationSlug } from '../../schema/ids.ts';
import type { Ctx } from '../deps.ts';
import { AppError, notFound } from '../errors.ts';
import { authorize } from '../policy.ts';
import type { AuditFilter, AuditRow } from '../store/audit-log.ts';

export type ListedEntry = AuditRow;

/** Nothing left out. */
export const everyEntry: AuditFilter = { actor: null, action: null, target: null, since: null, until: null };

/**
 * Who did what in an organization, newest first: entries with ids below `before`, or the newest.
 * Errors: `not_found`, `forbidden`.
 */
export async function listAuditEntries(
  ctx: Ctx,
  input: { organization: string; filter: AuditFilter; before: number | null; limit: number },
): Promise<{ entries: ListedEntry[]; next: number | null }> {
  const { clock, store } = ctx.deps;
  const known = organizationSlug.safeParse(input.organization).success;
  const { actor, organization, entries } = await store.auditLog.entriesOfOrganization(
    ctx.credential,
    known ? input.organization : '',
    { ...input.filter, before: input.before ?? Number.MAX_SAFE_INTEGER, limit: input.limit + 1 },
    clock.now(),
  );
  if (organization === null) throw notFound('Organization');
  authorize(actor, organization, 'audit:read');
  const page = entries.slice(0, input.limit);
  return { entries: page, next: entries.length > input.limit ? (page.at(-1)?.id ?? null) : null };
}

/** What is shown at once where there are no pages. */
const mostAtOnce = 5000;

type Range = { since: number; until: number };

/** All entries of an organization within a time. Errors: `not_found`, `forbidden`, `invalid_input` for too many. */
export async function auditEntriesWithin(ctx: Ctx, input: Range & { organization: string }): Promise<ListedEntry[]> {
  const { since, until, organization } = input;
  const filter = { ...everyEntry, since, until };
  const { entries, next } = await listAuditEntries(ctx, { organization, filter, before: null, limit: mostAtOnce });
  if (next !== null) throw tooMany();
  return entries;
}

/** What the account itself did within a time. Errors: `invalid_input` for too many. */
export async function ownAuditEntriesWithin(ctx: Ctx, { since, until }: Range): Promise<ListedEntry[]> {
  const { clock, store } = ctx.deps;
  const page = { ...everyEntry, since, until, before: Number.MAX_SAFE_INTEGER, limit: mostAtOnce + 1 };
  const { entries } = await store.auditLog.entriesOfAccount(ctx.credential, page, clock.now());
  if (entries.length > mostAtOnce) throw tooMany();
  return entries;
}

/** Studio knows it by the words "range exceeded". */
function tooMany(): AppError {
  return new AppError('invalid_input', `Audit log range exceeded: more than ${mostAtOnce} entries; ask for less time`);
}
