import { sha256Hex } from '../auth/digest.ts';
import { createRefreshToken } from '../auth/secrets.ts';
import type { OpenCtx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { codeLimits, linkLimits } from '../limits/limits-of.ts';
import { requireAllowance } from '../limits/require-allowance.ts';
import type { Letter } from '../mail/letter.ts';
import { emailChanged } from '../mail/letters.ts';
import type { OneTimeToken, TokenKind } from '../store/one-time-tokens.ts';
import { canonicalEmail } from './credentials.ts';
import { type IssuedSession, issueSession } from './issue.ts';
import { newSession } from './new-session.ts';
import { codeHash, maximumTries } from './one-time-token.ts';

/** What GoTrue's clients call what was mailed: `email` is whatever lets somebody in by their own address. */
export const verificationTypes = ['signup', 'invite', 'recovery', 'magiclink', 'email', 'email_change'] as const;
export type VerificationType = (typeof verificationTypes)[number];

/** How long a client has to exchange its code, in a request that follows at once. */
const authCodeLifetimeMs = 5 * 60 * 1000;

export type Verified<Given> = { given: Given; letters: Letter[] };

/** The token of a link -> a session. Errors: `forbidden` (`otp_expired`). */
export async function verifyToken(
  ctx: OpenCtx,
  input: { type: VerificationType; token: string },
): Promise<Verified<IssuedSession>> {
  return startSession(ctx, await tokenOfLink(ctx, input), 'Token has expired or is invalid');
}

/** The code of a mail and the address it went to -> a session. Errors: `forbidden` (`otp_expired`). */
export async function verifyCode(
  ctx: OpenCtx,
  input: { type: VerificationType; email: string; code: string },
): Promise<Verified<IssuedSession>> {
  await requireAllowance(ctx, await codeLimits(ctx, canonicalEmail(input.email)));
  const candidates = await ctx.deps.store.oneTimeTokens.takeTries({
    email: canonicalEmail(input.email),
    kinds: kindsOf(input.type),
    now: ctx.deps.clock.now(),
    maximumTries,
  });
  // hashes of both: how far they agree tells nothing of the code
  const hashes = await Promise.all(candidates.map(({ hash }) => codeHash(hash, input.code)));
  const found = candidates.find((token, index) => token.codeHash === hashes[index]);
  return startSession(ctx, found ?? null, 'Token has expired or is invalid');
}

/** A link that was opened -> a session, or the code its client asked for. Errors: `forbidden` (`otp_expired`). */
export async function followLink(
  ctx: OpenCtx,
  input: { type: VerificationType; token: string },
): Promise<Verified<IssuedSession | { code: string }>> {
  const message = 'Email link is invalid or has expired';
  const token = await tokenOfLink(ctx, input);
  const { codeChallenge: challenge = null, codeChallengeMethod: method = null } = token ?? {};
  if (token === null || challenge === null || method === null) return startSession(ctx, token, message);
  const { clock, random, store } = ctx.deps;
  const code = createRefreshToken(random);
  const at = clock.now();
  const hash = await sha256Hex(code);
  const kept = {
    hash,
    method: 'otp',
    challenge,
    challengeMethod: method,
    at,
    expiresAt: at + authCodeLifetimeMs,
  } as const;
  const redeemed = await store.oneTimeTokens.redeem(token, { kind: 'code', code: kept }, ctx.request);
  if (!redeemed) throw expired(message);
  return { given: { code }, letters: lettersOf(token) };
}

async function tokenOfLink(
  ctx: OpenCtx,
  input: { type: VerificationType; token: string },
): Promise<OneTimeToken | null> {
  await requireAllowance(ctx, linkLimits(ctx));
  const { clock, store } = ctx.deps;
  const token = await store.oneTimeTokens.tokenByHash(await sha256Hex(input.token), clock.now());
  return token !== null && kindsOf(input.type).includes(token.kind) ? token : null;
}

async function startSession(
  ctx: OpenCtx,
  token: OneTimeToken | null,
  message: string,
): Promise<Verified<IssuedSession>> {
  if (token === null) throw expired(message);
  const { account } = token;
  const { session, refreshToken } = await newSession(ctx.deps, account.id, 'otp');
  const started = await ctx.deps.store.oneTimeTokens.redeem(token, { kind: 'session', session }, ctx.request);
  if (!started) throw expired(message);
  const given = await issueSession(ctx.deps, {
    sessionId: session.id,
    aal: 'aal1',
    method: 'otp',
    signedInAt: session.at,
    factorVerifiedAt: null,
    refreshToken,
    user: {
      ...account,
      email: token.email,
      emailConfirmedAt: account.emailConfirmedAt ?? session.at,
      hasPassword: keepsPassword(token) ? account.hasPassword : 0,
      emailChange: token.kind === 'email_change' ? null : account.emailChange,
      userMetadata: keepsPassword(token) ? account.userMetadata : '{}',
      lastSignInAt: session.at,
    },
  });
  return { given, letters: lettersOf(token) };
}

/** One set before the address was confirmed, and what came with it, stays only when it is its sign-up that is. */
function keepsPassword({ kind, account }: OneTimeToken): boolean {
  return kind === 'signup' || account.emailConfirmedAt !== null;
}

function lettersOf({ kind, email, account }: OneTimeToken): Letter[] {
  return kind === 'email_change' ? [emailChanged(account.email, email)] : [];
}

function kindsOf(type: VerificationType): readonly TokenKind[] {
  return type === 'email' ? ['signup', 'invite', 'recovery', 'magiclink'] : [type];
}

function expired(message: string): AppError {
  return new AppError('forbidden', message, { body: { error_code: 'otp_expired' } });
}
