import type { Ctx } from '../deps.ts';
import type { OwnMembership } from '../store/accounts.ts';

/** The actor's organizations and its role in each. Errors: `unauthenticated`. */
export async function ownMemberships(ctx: Ctx): Promise<OwnMembership[]> {
  const { memberships } = await ctx.deps.store.accounts.ownMemberships(ctx.credential, ctx.deps.clock.now());
  return memberships;
}
