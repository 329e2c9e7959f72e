import type { Ctx } from '../deps.ts';
import { knownRef, requireProject } from '../projects/find.ts';

export type ProjectMember = { accountId: string; email: string; username: string };

/** Who has a role in a project. Errors: `not_found`, `forbidden`. */
export async function listProjectMembers(ctx: Ctx, input: { ref: string }): Promise<ProjectMember[]> {
  const { clock, store } = ctx.deps;
  const found = await store.members.membersOfProject(ctx.credential, knownRef(input.ref), clock.now());
  requireProject(ctx, { actor: found.actor, row: found.project }, 'members:read');
  return found.members;
}
