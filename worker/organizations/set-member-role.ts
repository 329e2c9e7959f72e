import type { Role } from '../../schema/roles.ts';
import type { Ctx } from '../deps.ts';
import { changedMeanwhile } from './changed-meanwhile.ts';
import { authorizeRoles, findMember, keepAnOwner, rolesOf } from './find-member.ts';
import { describeRoles, type Member } from './member.ts';
import { beforeOf, byOf } from './member-change.ts';

/**
 * Gives a member a role in the whole organization, instead of whatever it had.
 * Errors: `not_found`, `forbidden`, `wrong_state` for the last Owner, `conflict`.
 */
export async function setMemberRole(ctx: Ctx, input: { slug: string; member: string; role: Role }): Promise<Member> {
  const { actor, organization, member } = await findMember(ctx, input);
  const { role } = input;
  authorizeRoles(actor, organization, [role, ...rolesOf(member)]);
  if (member.role === role) return member;
  if (role !== 'Owner') keepAnOwner(member);
  const details = { from: describeRoles(member), to: role };
  const by = byOf(ctx, { actor, organization }, { action: 'member.set-role', target: member.accountId, details });
  if (!(await ctx.deps.store.memberChanges.setRole(beforeOf(organization, member), role, by))) throw changedMeanwhile();
  return { ...member, role, projectRoles: [], storedProjectRoles: '' };
}
