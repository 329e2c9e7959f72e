import type { Ctx, OpenCtx } from '../deps.ts';
import type { Limit, Policy } from '../store/rate-limits.ts';
import { perAccount, perAddress, perEmail, perEmailAndAddress, perOrganization } from './keys.ts';

// what is asked of `requireAllowance` in front of each kind of work; addresses of mail are canonical

/**
 * Attempts to sign in to one account: those from one address, and those from everywhere. The second passes over addresses
 * its owner is signed in from, so that strangers do not keep them out; for the same reason the first is only there where
 * addresses are told apart.
 */
export async function attemptsAt(ctx: OpenCtx, email: string): Promise<Limit[]> {
  const overall = await perEmail(ctx, 'sign-in.account', email);
  const { address } = ctx.request;
  if (address === null) return [withFreeOf(overall, ctx.deps.config.limits['sign-in.account-address'])];
  return [
    await perEmailAndAddress(ctx, 'sign-in.account-address', { email, address }),
    { ...overall, unlessKnown: { email, address } },
  ];
}

/** Where addresses are not told apart, twice as many are free as from one address. */
function withFreeOf(limit: Limit, policy: Policy): Limit {
  if (limit.policy.kind !== 'backoff' || policy.kind !== 'backoff') return limit;
  return { ...limit, policy: { ...limit.policy, free: Math.min(limit.policy.free, 2 * policy.free) } };
}

/** A mail to somebody: wherever they are asked for, no more than a few reach one address of mail. */
export async function mailLimits(ctx: OpenCtx, email: string): Promise<Limit[]> {
  return [perAddress(ctx, 'mail.address'), await perEmail(ctx, 'mail.recipient', email)];
}

/** A code out of a mail. */
export async function codeLimits(ctx: OpenCtx, email: string): Promise<Limit[]> {
  const { address } = ctx.request;
  const guesses =
    address === null
      ? await perEmail(ctx, 'code.email', email)
      : await perEmailAndAddress(ctx, 'code.email-address', { email, address });
  return [perAddress(ctx, 'code.address'), guesses];
}

/** A link out of a mail, whose token nobody guesses. */
export function linkLimits(ctx: OpenCtx): Limit[] {
  return [perAddress(ctx, 'code.address')];
}

/** A challenge of a second factor, or one that is enrolled. */
export function challengeLimits(ctx: OpenCtx): Limit[] {
  return [perAddress(ctx, 'factor.address')];
}

/** A code of a second factor. */
export function factorLimits(ctx: Ctx, factorId: string): Limit[] {
  return [...challengeLimits(ctx), perAccount(ctx, 'factor.account', factorId)];
}

/** A new password or address of mail. */
export function credentialLimits(ctx: Ctx): Limit[] {
  return [perAddress(ctx, 'credentials.address'), perAccount(ctx, 'credentials.account')];
}

/**
 * Invitations into an organization: asked once it is known that the actor may invite, or strangers could use up what the
 * organization may.
 */
export async function invitationLimits(ctx: Ctx, slug: string, emails: readonly string[]): Promise<Limit[]> {
  return [
    perAddress(ctx, 'invitation.address'),
    perAccount(ctx, 'invitation.account'),
    perOrganization(ctx, 'invitation.organization', slug),
    ...(await Promise.all(emails.map((email) => perEmail(ctx, 'mail.recipient', email)))),
  ];
}

/** An access token that is made, revoked or handed over. */
export function tokenLimits(ctx: Ctx): Limit[] {
  return [perAddress(ctx, 'token.address'), perAccount(ctx, 'token.account')];
}
