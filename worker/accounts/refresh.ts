import { sha256Hex } from '../auth/digest.ts';
import { createRefreshToken } from '../auth/secrets.ts';
import type { OpenCtx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { perAddress, perRefreshedSession } from '../limits/keys.ts';
import { letIn } from '../limits/require-allowance.ts';
import type { RefreshState } from '../store/sessions.ts';
import { type IssuedSession, issueSession, sessionIdleMs } from './issue.ts';

/** How long a rotated token still works: browser tabs refresh one token at the same time. */
export const reuseGraceMs = 10_000;

/**
 * A refresh token -> the next one and an access token. A token that was rotated less than the grace period ago gets a
 * further next one; later use of it ends the session. Errors: `invalid_grant`, `rate_limited`.
 */
export async function refresh(ctx: OpenCtx, input: { refreshToken: string }): Promise<IssuedSession> {
  const { clock, random, store } = ctx.deps;
  const at = clock.now();
  const graceSince = at - reuseGraceMs;
  const hash = await sha256Hex(input.refreshToken);
  const limits = [perAddress(ctx, 'refresh.address'), perRefreshedSession(ctx, 'refresh.session', hash)];
  const { taken, state } = await store.sessions.sessionByRefreshToken(hash, limits, at);
  letIn(ctx.request, limits, taken, at);
  if (state === null) throw notFound();
  const { sessionId, account } = state;
  if (isReuse(state, graceSince)) {
    await store.sessions.endReused({ hash, sessionId, accountId: account.id, at, graceSince }, ctx.request);
    throw refused('refresh_token_already_used', 'Already Used');
  }
  if (account.disabledAt !== null) throw refused('user_banned', 'User Banned');
  if (state.expiresAt <= at) throw refused('session_expired', 'Session Expired (Inactivity)');

  const refreshToken = createRefreshToken(random);
  const rotated = await store.sessions.rotate({
    hash,
    nextHash: await sha256Hex(refreshToken),
    sessionId,
    at,
    graceSince,
    expiresAt: at + sessionIdleMs,
    keptSince: at - sessionIdleMs,
  });
  // the session ended between the two round trips
  if (!rotated) throw notFound();
  return issueSession(ctx.deps, {
    sessionId,
    aal: state.aal,
    method: state.method,
    signedInAt: state.signedInAt,
    factorVerifiedAt: state.factorVerifiedAt,
    refreshToken,
    user: account,
  });
}

function isReuse(state: RefreshState, graceSince: number): boolean {
  return state.rotatedAt !== null && state.rotatedAt <= graceSince;
}

function notFound(): AppError {
  return refused('refresh_token_not_found', 'Refresh Token Not Found');
}

/** `code`: GoTrue's, for clients that tell refusals apart. */
function refused(code: string, reason: string): AppError {
  return new AppError('invalid_grant', `Invalid Refresh Token: ${reason}`, { body: { error_code: code } });
}
