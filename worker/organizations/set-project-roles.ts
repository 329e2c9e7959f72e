import type { Role } from '../../schema/roles.ts';
import type { Ctx } from '../deps.ts';
import { AppError, notFound } from '../errors.ts';
import { changedMeanwhile } from './changed-meanwhile.ts';
import { authorizeRoles, findMember, keepAnOwner } from './find-member.ts';
import { describeRoles, type Member, type ProjectRole } from './member.ts';
import { beforeOf, byOf } from './member-change.ts';

type Input = {
  slug: string;
  member: string;
  role: Role;
  /** whose role Studio's id of it says it is; null: it does not say */
  accountNumber?: number | null;
};

/**
 * Gives a member a role in these projects. A role in the whole organization goes with the first of them, those in
 * other projects stay. Errors: `invalid_input` for projects of elsewhere, `not_found`, `forbidden`, `wrong_state`,
 * `conflict`.
 */
export function addProjectRole(ctx: Ctx, input: Input & { refs: readonly string[] }): Promise<Member> {
  return changeProjectRoles(ctx, input, ({ projectRoles }) => projectRoles);
}

/** Says in which projects a member has a role: these and no others. Errors as for `addProjectRole`. */
export function replaceProjectRole(ctx: Ctx, input: Input & { refs: readonly string[] }): Promise<Member> {
  return changeProjectRoles(ctx, input, ({ projectRoles }) => projectRoles.filter(({ role }) => role !== input.role));
}

/**
 * Takes a role away in all projects in which the member has it; nothing is done where it has none, as when Studio
 * takes away what it has just replaced. Errors as for `addProjectRole`.
 */
export function takeProjectRole(ctx: Ctx, input: Input): Promise<Member> {
  return replaceProjectRole(ctx, { ...input, refs: [] });
}

async function changeProjectRoles(
  ctx: Ctx,
  input: Input & { refs: readonly string[] },
  keptOf: (member: Member) => ProjectRole[],
): Promise<Member> {
  const { refs, role, accountNumber = null } = input;
  const found = await findMember(ctx, input);
  const { actor, organization, member } = found;
  const wanted = [
    ...keptOf(member).filter(({ ref }) => !refs.includes(ref)),
    ...[...new Set(refs)].map((ref) => ({ ref, role })),
  ].sort((left, right) => (left.ref < right.ref ? -1 : 1));
  const isKept = (old: ProjectRole) => wanted.some((one) => one.ref === old.ref && one.role === old.role);
  const taken = member.projectRoles.filter((old) => !isKept(old)).map((old) => old.role);
  authorizeRoles(actor, organization, [role, ...taken, ...(refs.length > 0 ? [member.role] : [])]);
  if (accountNumber !== null && accountNumber !== member.number) throw notFound('Role');
  requireKnown(refs, found.knownRefs);
  if (refs.length === 0 && taken.length === 0) return member;
  if (wanted.length === 0) throw keepsARole();
  keepAnOwner(member);
  const to = { ...member, role: 'Project-scoped' as const, projectRoles: wanted };
  const details = { from: describeRoles(member), to: describeRoles(to) };
  if (details.from === details.to) return member;
  const by = byOf(ctx, found, { action: 'member.set-project-roles', target: member.accountId, details });
  if (!(await ctx.deps.store.memberChanges.setProjectRoles(beforeOf(organization, member), wanted, by))) {
    throw changedMeanwhile();
  }
  return to;
}

/** Refuses refs that are no projects of the organization. */
export function requireKnown(refs: readonly string[], known: readonly string[]): void {
  if (refs.every((ref) => known.includes(ref))) return;
  throw new AppError('invalid_input', 'role_scoped_projects: must be projects of this organization');
}

/** The refusal to leave a member without any role. */
export function keepsARole(): AppError {
  return new AppError('wrong_state', 'A member keeps at least one role: give another one first, or remove the member');
}
