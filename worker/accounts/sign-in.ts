import type { OpenCtx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { perAddress } from '../limits/keys.ts';
import { attemptsAt } from '../limits/limits-of.ts';
import { letIn } from '../limits/require-allowance.ts';
import { canonicalEmail, canonicalPassword } from './credentials.ts';
import { type IssuedSession, issueSession } from './issue.ts';
import { newSession } from './new-session.ts';
import { signInRefusal } from './sign-in-refusal.ts';

/**
 * Email and password -> a new session. Unknown, disabled and passwordless accounts cost as much work and get the same
 * answer as a wrong password, and attempts are counted for them alike, before anything is verified. Errors:
 * `invalid_credentials`, `rate_limited`, `overloaded`.
 */
export async function signIn(ctx: OpenCtx, input: { email: string; password: string }): Promise<IssuedSession> {
  const { clock, hasher, store } = ctx.deps;
  const email = canonicalEmail(input.email);
  const attempts = await attemptsAt(ctx, email);
  const limits = [perAddress(ctx, 'sign-in.address'), ...attempts];
  const now = clock.now();
  const { taken, account } = await store.accounts.accountForSignIn(email, limits, now);
  letIn(ctx.request, limits, taken, now);
  const password = canonicalPassword(input.password);
  const hash = account === null || account.disabledAt !== null || password === null ? null : account.passwordHash;
  const valid = await hasher.verify(password ?? '', hash);
  if (!valid || account === null || hash === null) throw invalidCredentials(account?.id ?? null);
  // told only to who knows the password
  if (account.emailConfirmedAt === null) {
    throw new AppError('invalid_credentials', 'Email not confirmed', { body: { error_code: 'email_not_confirmed' } });
  }

  const { session, refreshToken } = await newSession(ctx.deps, account.id, 'password');
  const started = await store.sessions.startByPassword(
    session,
    hash,
    attempts.map(({ key }) => key),
    ctx.request,
  );
  if (!started) throw invalidCredentials(account.id);
  const { passwordHash: _, ...user } = account;
  return issueSession(ctx.deps, {
    sessionId: session.id,
    aal: 'aal1',
    method: 'password',
    signedInAt: session.at,
    factorVerifiedAt: null,
    refreshToken,
    user: { ...user, lastSignInAt: session.at },
  });
}

function invalidCredentials(accountId: string | null): AppError {
  const refusal = signInRefusal(accountId, 'password');
  return new AppError('invalid_credentials', 'Invalid login credentials', { refusal });
}
