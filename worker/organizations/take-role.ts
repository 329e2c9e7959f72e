import { type RoleId, readRoleId } from '../../schema/role-ids.ts';
import type { Ctx } from '../deps.ts';
import { notFound } from '../errors.ts';
import { authorizeRoles, findMember } from './find-member.ts';
import type { Member } from './member.ts';
import { keepsARole, replaceProjectRole, takeProjectRole } from './set-project-roles.ts';

/**
 * Takes the role with this id away from a member; nothing is done where the member does not have it any more. The last
 * role stays. Errors: `not_found`, `forbidden`, `wrong_state`, `conflict`.
 */
export async function takeRole(ctx: Ctx, input: { slug: string; member: string; roleId: number }): Promise<Member> {
  const { roleId, ...where } = input;
  const known = requireRole(roleId);
  if (known.kind === 'member') return takeProjectRole(ctx, { ...where, ...known });
  const { actor, organization, member } = await findMember(ctx, where);
  authorizeRoles(actor, organization, [known.role]);
  if (member.role === known.role) throw keepsARole();
  return member;
}

/** Says in which projects a member has the role with this id. Errors as for `replaceProjectRole`. */
export async function replaceRole(
  ctx: Ctx,
  { roleId, ...input }: { slug: string; member: string; roleId: number; refs: readonly string[] },
): Promise<Member> {
  return replaceProjectRole(ctx, { ...input, ...requireRole(roleId) });
}

/** What an id of a member's role stands for. Errors: `not_found`. */
function requireRole(id: number): Exclude<RoleId, { kind: 'invitation' }> {
  const known = readRoleId(id);
  if (known === null || known.kind === 'invitation') throw notFound('Role');
  return known;
}
