import { sha256Hex } from '../../auth/digest.ts';
import { createRefreshToken } from '../../auth/secrets.ts';
import type { Ctx } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import { factorLimits } from '../../limits/limits-of.ts';
import { letIn } from '../../limits/require-allowance.ts';
import { sessionNotFound } from '../current-user.ts';
import { type IssuedSession, issueSession, sessionIdleMs } from '../issue.ts';
import { signInRefusal } from '../sign-in-refusal.ts';
import { guessCostMs } from './challenge.ts';
import { refuseTokens } from './own-session.ts';
import { factorNotFound, unprocessable } from './refusals.ts';
import { matchingStep } from './totp.ts';

/**
 * A code of a factor -> the same session at level aal2; the account's sessions without a second factor end. No code is
 * accepted twice. Errors: `unauthenticated`, `forbidden`, `not_found`, `unprocessable`.
 */
export async function verify(
  ctx: Ctx,
  input: { factorId: string; challengeId: string; code: string },
): Promise<IssuedSession> {
  const { clock, random, store, vault } = ctx.deps;
  const { factorId, challengeId, code } = input;
  await refuseTokens(ctx);
  const limits = factorLimits(ctx, factorId);
  const at = clock.now();
  const guess = await store.factorChallenges.takeGuess(
    ctx.credential,
    { factorId, challengeId, costMs: guessCostMs },
    limits,
    at,
  );
  if (guess === null) throw sessionNotFound();
  letIn(ctx.request, limits, guess.limits, at);
  const { account, session, factor } = guess;
  if (factor === null) throw factorNotFound();
  if (!guess.hasChallenge) {
    throw unprocessable('mfa_factor_not_found', 'MFA factor with the provided challenge ID not found');
  }
  if (!guess.taken) {
    throw unprocessable(
      'mfa_challenge_expired',
      `MFA challenge ${challengeId} has expired, verify against another challenge or create a new challenge.`,
    );
  }
  const secret = await vault.open(factor.secret, { table: 'mfa_factors', row: factorId, field: 'secret' });
  const step = matchingStep(secret, code, at);
  if (step === null || step <= factor.lastStep) throw wrongCode(account.id);

  const refreshToken = createRefreshToken(random);
  const user = await store.factorChallenges.verify(
    {
      factorId,
      challengeId,
      sessionId: session.id,
      accountId: account.id,
      step,
      refreshTokenHash: await sha256Hex(refreshToken),
      at,
      expiresAt: at + sessionIdleMs,
    },
    ctx.request,
  );
  // the code was used, or the session ended, between the two round trips
  if (user === null) throw wrongCode(account.id);
  return issueSession(ctx.deps, {
    sessionId: session.id,
    aal: 'aal2',
    method: session.method,
    signedInAt: session.signedInAt,
    factorVerifiedAt: at,
    refreshToken,
    user,
  });
}

function wrongCode(accountId: string): AppError {
  return new AppError('unprocessable', 'Invalid TOTP code entered', {
    body: { error_code: 'mfa_verification_failed' },
    refusal: signInRefusal(accountId, 'totp'),
  });
}
