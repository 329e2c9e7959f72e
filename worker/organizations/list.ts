import type { Ctx } from '../deps.ts';
import type { OrganizationRow } from '../store/organizations.ts';

export type Organization = OrganizationRow;

/** A page of the organizations the actor is a member of, by name. */
export async function listOrganizations(
  ctx: Ctx,
  page: { limit: number; offset: number },
): Promise<readonly Organization[]> {
  const { clock, store } = ctx.deps;
  return (await store.organizations.organizations(ctx.credential, page, clock.now())).organizations;
}
