import { sha256Hex } from '../auth/digest.ts';
import { createRefreshToken } from '../auth/secrets.ts';
import type { OpenCtx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { canonicalEmail, canonicalPassword } from './credentials.ts';
import { type IssuedSession, issueSession, sessionIdleMs } from './issue.ts';

/**
 * Email and password -> a new session. Unknown, disabled and passwordless accounts cost as much work and get the same
 * answer as a wrong password. Errors: `invalid_credentials`, `overloaded`.
 */
export async function signIn(ctx: OpenCtx, input: { email: string; password: string }): Promise<IssuedSession> {
  const { clock, hasher, random, store } = ctx.deps;
  const account = await store.accounts.accountByEmail(canonicalEmail(input.email));
  const password = canonicalPassword(input.password);
  const hash = account === null || account.disabledAt !== null || password === null ? null : account.passwordHash;
  const valid = await hasher.verify(password ?? '', hash);
  if (!valid || account === null || hash === null) throw invalidCredentials();

  const at = clock.now();
  const sessionId = random.uuid();
  const refreshToken = createRefreshToken(random);
  const started = await store.sessions.startSession(
    {
      id: sessionId,
      accountId: account.id,
      passwordHash: hash,
      refreshTokenHash: await sha256Hex(refreshToken),
      at,
      expiresAt: at + sessionIdleMs,
    },
    ctx.request,
  );
  if (!started) throw invalidCredentials();
  const { passwordHash: _, ...user } = account;
  return issueSession(ctx.deps, {
    sessionId,
    aal: 'aal1',
    signedInAt: at,
    refreshToken,
    user: { ...user, lastSignInAt: at },
  });
}

function invalidCredentials(): AppError {
  return new AppError('invalid_credentials', 'Invalid login credentials');
}
