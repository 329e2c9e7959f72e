import type { Deps } from '../deps.ts';
import type { Account } from '../store/accounts.ts';

/** What of an account is told as its user. */
export type AccountUser = Pick<Account, 'id' | 'email' | 'createdAt' | 'emailConfirmedAt' | 'lastSignInAt'>;

/** What signing in and refreshing give. */
export type IssuedSession = {
  accessToken: string;
  /** seconds since the epoch */
  expiresAt: number;
  expiresInSeconds: number;
  refreshToken: string;
  user: AccountUser;
};

/** A session that is not refreshed for this long is over. */
export const sessionIdleMs = 30 * 24 * 3600 * 1000;

/** Signs the access token that goes with a stored session. `signedInAt` in milliseconds. */
export async function issueSession(
  deps: Deps,
  session: { sessionId: string; aal: 'aal1' | 'aal2'; signedInAt: number; refreshToken: string; user: AccountUser },
): Promise<IssuedSession> {
  const { sessionId, aal, user, refreshToken } = session;
  const signed = await deps.sessionTokens.sign({
    sessionId,
    accountId: user.id,
    email: user.email,
    aal,
    signedInAt: Math.floor(session.signedInAt / 1000),
    issuedAt: Math.floor(deps.clock.now() / 1000),
  });
  return {
    accessToken: signed.token,
    expiresAt: signed.expiresAt,
    expiresInSeconds: signed.expiresInSeconds,
    refreshToken,
    user,
  };
}
