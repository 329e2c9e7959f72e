import { organizationSlug } from '../../schema/ids.ts';
import type { Ctx } from '../deps.ts';
import { notFound } from '../errors.ts';
import { authorize } from '../policy.ts';
import type { AuditRow } from '../store/audit-log.ts';

export type ListedEntry = AuditRow;

/**
 * Who did what in an organization, newest first: entries with ids below `before`, or the newest.
 * Errors: `not_found`, `forbidden`.
 */
export async function listAuditEntries(
  ctx: Ctx,
  input: { organization: string; before: number | null; limit: number },
): Promise<{ entries: ListedEntry[]; next: number | null }> {
  const { clock, store } = ctx.deps;
  const known = organizationSlug.safeParse(input.organization).success;
  const { actor, organization, entries } = await store.auditLog.entriesOfOrganization(
    ctx.credential,
    known ? input.organization : '',
    { before: input.before ?? Number.MAX_SAFE_INTEGER, limit: input.limit + 1 },
    clock.now(),
  );
  if (organization === null) throw notFound('Organization');
  authorize(actor, organization, 'audit:read');
  const page = entries.slice(0, input.limit);
  return { entries: page, next: entries.length > input.limit ? (page.at(-1)?.id ?? null) : null };
}
