import type { Ctx } from '../deps.ts';
import { authorize } from '../policy.ts';
import { changedMeanwhile } from './changed-meanwhile.ts';
import { authorizeRoles, findMember, keepAnOwner, rolesOf } from './find-member.ts';
import { describeRoles } from './member.ts';
import { beforeOf, byOf } from './member-change.ts';

/**
 * Ends a membership, and with it at once everything it let the member do; members leave in the same way.
 * Errors: `not_found`, `forbidden`, `wrong_state` for the last Owner, `conflict`.
 */
export async function removeMember(ctx: Ctx, input: { slug: string; member: string }): Promise<void> {
  const { actor, organization, member } = await findMember(ctx, input);
  const isOwn = actor.accountId === member.accountId;
  // everyone may leave, whatever their role and their second factor; only what an access token is limited to counts
  if (isOwn) authorize(actor, { ...organization, role: 'Owner', requiresMfa: false }, 'members:manage');
  else authorizeRoles(actor, organization, rolesOf(member));
  keepAnOwner(member);
  const details = { from: describeRoles(member) };
  const action = isOwn ? 'member.leave' : 'member.remove';
  const by = byOf(ctx, { actor, organization }, { action, target: member.accountId, details });
  if (!(await ctx.deps.store.memberChanges.remove(beforeOf(organization, member), by))) throw changedMeanwhile();
}

/** The actor leaves an organization. Errors: `not_found`, `forbidden`, `wrong_state` for the last Owner, `conflict`. */
export async function leaveOrganization(ctx: Ctx, input: { slug: string }): Promise<void> {
  const { accountId } = await ctx.deps.store.access.account(ctx.credential, ctx.deps.clock.now());
  await removeMember(ctx, { slug: input.slug, member: accountId });
}
