import type { Deps } from '../deps.ts';
import type { UserAccount } from '../store/accounts.ts';
import type { NewSession } from '../store/new-session.ts';
import { metadataOf } from './user-metadata.ts';

/** What of an account is told as its user. */
export type AccountUser = Pick<
  UserAccount,
  | 'id'
  | 'email'
  | 'createdAt'
  | 'emailConfirmedAt'
  | 'lastSignInAt'
  | 'hasPassword'
  | 'userMetadata'
  | 'emailChange'
  | 'factors'
  | 'identities'
>;

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

/** What is known of a stored session when its token is signed. Times in milliseconds. */
export type StoredSession = {
  sessionId: string;
  aal: 'aal1' | 'aal2';
  method: NewSession['method'];
  signedInAt: number;
  /** null: no second factor was verified in it */
  factorVerifiedAt: number | null;
};

/** Signs the access token that goes with a stored session. */
export async function issueSession(
  deps: Deps,
  session: StoredSession & { refreshToken: string; user: AccountUser },
): Promise<IssuedSession> {
  const { sessionId, aal, user, refreshToken } = session;
  const signed = await deps.sessionTokens.sign({
    sessionId,
    accountId: user.id,
    email: user.email,
    userMetadata: metadataOf(user),
    aal,
    amr: amrOf(session),
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

/** How the session was proved, the latest first, as GoTrue's clients read it. */
function amrOf({ method, signedInAt, factorVerifiedAt }: StoredSession): { method: string; timestamp: number }[] {
  const first = { method, timestamp: Math.floor(signedInAt / 1000) };
  return factorVerifiedAt === null
    ? [first]
    : [{ method: 'totp', timestamp: Math.floor(factorVerifiedAt / 1000) }, first];
}
