import type { Ctx } from '../deps.ts';
import { notFound } from '../errors.ts';
import { authorizeRoles } from './find-member.ts';
import { describeInvitation, toInvitation } from './invitation.ts';
import { knownSlug } from './known-slug.ts';

/**
 * Revokes an invitation; whoever it is for declines it in the same way. Its link is worth nothing from then on.
 * Errors: `not_found`, `forbidden`.
 */
export async function endInvitation(ctx: Ctx, input: { slug: string; id: number }): Promise<void> {
  const { clock, store } = ctx.deps;
  const at = clock.now();
  const { actor, organization, invitation } = await store.invitations.invitation(
    ctx.credential,
    { slug: knownSlug(input.slug), id: input.id },
    at,
  );
  const isOwn =
    invitation !== null && invitation.email === actor.email && actor.permissions === null && !actor.isLimited;
  if (!isOwn) {
    if (organization === null) throw notFound('Organization');
    authorizeRoles(actor, organization, invitation === null ? [] : [invitation.role]);
  }
  if (invitation === null) throw notFound('Invitation');
  const ended = await store.invitationChanges.end(invitation.id, {
    actor,
    request: ctx.request,
    at,
    entry: {
      organizationId: invitation.organizationId,
      action: isOwn ? 'invitation.decline' : 'invitation.revoke',
      target: invitation.email,
      details: { from: describeInvitation(toInvitation(invitation)) },
    },
  });
  if (!ended) throw notFound('Invitation');
}
