import { requireMember } from '../access/require-member.ts';
import type { Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { changedMeanwhile } from './changed-meanwhile.ts';
import { byOf } from './member-change.ts';

/** Deletes an organization that has no projects. Errors: `not_found`, `forbidden`, `wrong_state`, `conflict`. */
export async function deleteOrganization(ctx: Ctx, input: { slug: string }): Promise<void> {
  const { actor, organization } = await requireMember(ctx, input.slug, 'organization:delete');
  const { id, name, slug } = organization;
  const by = byOf(ctx, { actor, organization }, { action: 'organization.delete', target: slug, details: { name } });
  const { removed, projects } = await ctx.deps.store.organizationChanges.remove(id, by);
  if (removed) return;
  if (projects === 0) throw changedMeanwhile();
  const count = projects === 1 ? '1 project' : `${projects} projects`;
  throw new AppError('wrong_state', `This organization still has ${count}: delete what is in it first`);
}
