import type { Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { authorize } from '../policy.ts';
import { changedMeanwhile } from './changed-meanwhile.ts';
import { findMember } from './find-member.ts';
import { describeRoles, type Member } from './member.ts';
import { beforeOf, byOf } from './member-change.ts';

/**
 * Makes another member an Owner and the Owner who asks for it an Administrator, in one step.
 * Errors: `not_found`, `forbidden`, `wrong_state`, `conflict`.
 */
export async function transferOwnership(ctx: Ctx, input: { slug: string; to: string }): Promise<Member> {
  const { actor, organization, member } = await findMember(ctx, { slug: input.slug, member: input.to });
  authorize(actor, organization, 'owners:manage');
  if (member.accountId === actor.accountId) throw new AppError('wrong_state', 'You are an Owner of it already');
  if (member.isDisabled) throw new AppError('wrong_state', 'The account of this member is disabled');
  const details = { from: actor.accountId, to: member.accountId, toWas: describeRoles(member) };
  const entry = { action: 'organization.transfer' as const, target: organization.slug, details };
  const by = byOf(ctx, { actor, organization }, entry);
  if (!(await ctx.deps.store.memberChanges.transfer(beforeOf(organization, member), by))) throw changedMeanwhile();
  return { ...member, role: 'Owner', projectRoles: [], storedProjectRoles: '' };
}
