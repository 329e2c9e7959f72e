import type { Ctx } from '../deps.ts';
import { notFound } from '../errors.ts';
import { authorize } from '../policy.ts';
import { knownSlug } from './known-slug.ts';
import { type Member, toMember } from './member.ts';

/** A page of the members of an organization, in an order that stays. Errors: `not_found`, `forbidden`. */
export async function listMembers(ctx: Ctx, input: { slug: string; limit: number; offset: number }): Promise<Member[]> {
  const { clock, store } = ctx.deps;
  const list = { ...input, slug: knownSlug(input.slug) };
  const { actor, organization, members } = await store.members.members(ctx.credential, list, clock.now());
  if (organization === null) throw notFound('Organization');
  authorize(actor, organization, 'members:read');
  return members.map(toMember);
}
