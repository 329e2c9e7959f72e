import type { ChainHead } from '../../schema/audit-chain.ts';
import { organizationSlug } from '../../schema/ids.ts';
import type { Ctx } from '../deps.ts';
import { notFound } from '../errors.ts';
import { authorize } from '../policy.ts';

/**
 * Where an organization's chain of audit entries ends, to be kept somewhere else; null: it has none yet.
 * Errors: `not_found`, `forbidden`.
 */
export async function auditHead(ctx: Ctx, input: { organization: string }): Promise<ChainHead | null> {
  const { clock, store } = ctx.deps;
  const slug = organizationSlug.safeParse(input.organization).success ? input.organization : '';
  const page = { after: Number.MAX_SAFE_INTEGER, limit: 1 };
  const { actor, organization, kept } = await store.auditChains.chainOfOrganization(
    ctx.credential,
    slug,
    page,
    clock.now(),
  );
  if (organization === null) throw notFound('Organization');
  authorize(actor, organization, 'audit:read');
  return kept?.head ?? null;
}
