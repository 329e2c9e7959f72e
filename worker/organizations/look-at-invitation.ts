import { sha256Hex } from '../auth/digest.ts';
import type { Actor, Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { InvitationByToken } from '../store/invitations.ts';
import { knownSlug } from './known-slug.ts';

export type Look =
  | { kind: 'unknown' }
  | { kind: 'other-address'; organizationName: string; isExpired: boolean }
  | { kind: 'own'; id: number; organizationName: string; isExpired: boolean };

/**
 * What a link is worth to whoever holds it, a member of the organization or not. One that does not exist names nothing.
 * Errors: `unauthenticated`, `insufficient_aal`.
 */
export async function lookAtInvitation(ctx: Ctx, input: { slug: string; token: string }): Promise<Look> {
  const { actor, invitation } = await findByToken(ctx, input);
  if (invitation === null) return { kind: 'unknown' };
  const { id, organizationName } = invitation;
  const isExpired = invitation.expiresAt <= ctx.deps.clock.now();
  if (invitation.email !== actor.email) return { kind: 'other-address', organizationName, isExpired };
  if (!isExpired) requireFactor(actor, invitation);
  return { kind: 'own', id, organizationName, isExpired };
}

/** The invitation behind a link, and who holds it. */
export async function findByToken(
  ctx: Ctx,
  { slug, token }: { slug: string; token: string },
): Promise<{ actor: Actor; invitation: InvitationByToken | null; hash: string }> {
  const { clock, store } = ctx.deps;
  const hash = await sha256Hex(token);
  const found = await store.invitations.invitationByToken(ctx.credential, { slug: knownSlug(slug), hash }, clock.now());
  return { ...found, hash };
}

/** Organizations that want a second factor are joined with one; Studio reads the first words of the refusal. */
export function requireFactor(actor: Actor, { requiresMfa }: { requiresMfa: boolean }): void {
  if (!requiresMfa || actor.aal === 'aal2') return;
  throw new AppError(
    'insufficient_aal',
    'MFA required: this organization lets in members with multi-factor authentication only, so enable it for your account first',
  );
}
