import type { Ctx } from '../deps.ts';
import { AppError, notFound } from '../errors.ts';
import { describeInvitation, toInvitation } from './invitation.ts';
import { findByToken, requireFactor } from './look-at-invitation.ts';
import { asText } from './notice-text.ts';

/**
 * Makes the actor a member, once, as the invitation behind a link says; it takes the invited address, confirmed.
 * Errors: `not_found`, `forbidden`, `insufficient_aal`, `wrong_state` for one that expired, `conflict`.
 */
export async function acceptInvitation(ctx: Ctx, input: { slug: string; token: string }): Promise<void> {
  const { clock, random, store } = ctx.deps;
  const { actor, invitation, hash } = await findByToken(ctx, input);
  if (invitation === null) throw notFound('Invitation');
  if (actor.permissions !== null || actor.isLimited) {
    throw new AppError('forbidden', 'The permissions of this access token do not allow to join organizations');
  }
  if (invitation.email !== actor.email) {
    throw new AppError('forbidden', 'This invitation is for another address: sign in with the one it was sent to');
  }
  const at = clock.now();
  if (invitation.expiresAt <= at) {
    throw new AppError('wrong_state', 'This invitation has expired: ask for another one');
  }
  requireFactor(actor, invitation);
  const { organizationId, organizationName } = invitation;
  const to = describeInvitation(toInvitation(invitation));
  const accepted = await store.invitationChanges.accept(
    { organizationId, tokenHash: hash },
    {
      actor,
      request: ctx.request,
      at,
      entry: {
        organizationId,
        action: 'invitation.accept',
        target: actor.email,
        details: { to, invitedBy: invitation.invitedBy },
      },
      inviter: invitation.invitedBy,
      notice: {
        id: random.uuid(),
        name: 'invitation.accept',
        priority: 'Info',
        organizationSlug: input.slug,
        title: `${actor.email} joined ${organizationName}`,
        message: `${asText(actor.email)} accepted your invitation to ${asText(organizationName)}.`,
      },
    },
  );
  if (accepted) return;
  throw new AppError(
    'conflict',
    'This invitation cannot be accepted: your address is not confirmed, you are a member already, its projects are gone, or it was withdrawn meanwhile',
  );
}
