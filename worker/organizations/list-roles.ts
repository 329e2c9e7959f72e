import { invitationRoleId, memberRoleId } from '../../schema/role-ids.ts';
import { type Role, roles } from '../../schema/roles.ts';
import type { Ctx } from '../deps.ts';
import { notFound } from '../errors.ts';
import { authorize } from '../policy.ts';
import { knownSlug } from './known-slug.ts';

export type ProjectScopedRole = { id: number; role: Role; projects: { ref: string; name: string }[] };

/**
 * The roles given in single projects, to members and by open invitations. Project-scoped members see which roles there
 * are, but of their projects only those they have a role in. Errors: `not_found`, `forbidden`.
 */
export async function listProjectScopedRoles(ctx: Ctx, input: { slug: string }): Promise<ProjectScopedRole[]> {
  const { clock, store } = ctx.deps;
  const found = await store.members.givenRoles(ctx.credential, knownSlug(input.slug), clock.now());
  if (found.organization === null) throw notFound('Organization');
  authorize(found.actor, found.organization, 'members:read');
  const byId = new Map<number, ProjectScopedRole>();
  for (const { holder, isInvitation, ref, name, isVisible, ...given } of found.roles) {
    const role = roles.find((known) => known.name === given.role)?.name;
    if (role === undefined) continue;
    const id = isInvitation === 1 ? invitationRoleId(holder, role) : memberRoleId(holder, role);
    const known = byId.get(id) ?? { id, role, projects: [] };
    if (isVisible === 1) known.projects.push({ ref, name });
    byId.set(id, known);
  }
  return [...byId.values()];
}
