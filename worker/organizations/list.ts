import type { Ctx } from '../deps.ts';
import { authorizeToken } from '../policy.ts';
import type { OrganizationRow } from '../store/organizations.ts';

export type Organization = OrganizationRow;

/** A page of the organizations the actor is a member of, by name. Errors: `forbidden` for a token limited to others. */
export async function listOrganizations(
  ctx: Ctx,
  page: { limit: number; offset: number },
): Promise<readonly Organization[]> {
  const { clock, store } = ctx.deps;
  const { actor, organizations } = await store.organizations.organizations(ctx.credential, page, clock.now());
  authorizeToken(actor, 'organization:read');
  return organizations;
}
