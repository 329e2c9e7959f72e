import { requireMember } from '../access/require-member.ts';
import type { Ctx } from '../deps.ts';
import { changedMeanwhile } from './changed-meanwhile.ts';
import type { Organization } from './list.ts';
import { byOf } from './member-change.ts';

/**
 * Renames an organization, or says what Studio's assistant may be told. What is left out stays.
 * Errors: `not_found`, `forbidden`, `conflict`.
 */
export async function updateOrganization(
  ctx: Ctx,
  input: { slug: string; name?: string | undefined; optInTags?: readonly string[] | undefined },
): Promise<Organization> {
  const { actor, organization } = await requireMember(ctx, input.slug, 'organization:update');
  const name = input.name ?? organization.name;
  const optInTags = input.optInTags === undefined ? organization.optInTags : JSON.stringify(input.optInTags);
  const details = {
    ...(name !== organization.name && { nameFrom: organization.name, nameTo: name }),
    ...(optInTags !== organization.optInTags && { optInFrom: organization.optInTags, optInTo: optInTags }),
  };
  if (Object.keys(details).length === 0) return organization;
  const by = byOf(ctx, { actor, organization }, { action: 'organization.update', target: organization.slug, details });
  const to = {
    name: input.name ?? null,
    optInTags: input.optInTags === undefined ? null : optInTags,
    requiresMfa: null,
  };
  if (!(await ctx.deps.store.organizationChanges.update(organization.id, to, by))) throw changedMeanwhile();
  return { ...organization, name, optInTags };
}
