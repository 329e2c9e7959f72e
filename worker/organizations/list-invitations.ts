import type { Ctx } from '../deps.ts';
import { notFound } from '../errors.ts';
import { authorize } from '../policy.ts';
import { type Invitation, toInvitation } from './invitation.ts';
import { knownSlug } from './known-slug.ts';

/** A page of the invitations nobody answered yet, expired ones among them. Errors: `not_found`, `forbidden`. */
export async function listInvitations(
  ctx: Ctx,
  input: { slug: string; limit: number; offset: number },
): Promise<Invitation[]> {
  const { clock, store } = ctx.deps;
  const list = { ...input, slug: knownSlug(input.slug) };
  const { actor, organization, invitations } = await store.invitations.invitations(ctx.credential, list, clock.now());
  if (organization === null) throw notFound('Organization');
  authorize(actor, organization, 'members:read');
  return invitations.map(toInvitation);
}
