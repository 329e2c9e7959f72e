import { sha256Hex } from '../../auth/digest.ts';
import { s256 } from '../../auth/pkce.ts';
import { isSameSecret } from '../../auth/secrets.ts';
import type { OpenCtx } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import { linkLimits } from '../../limits/limits-of.ts';
import { requireAllowance } from '../../limits/require-allowance.ts';
import { type IssuedSession, issueSession } from '../issue.ts';
import { newSession } from '../new-session.ts';

/**
 * A code out of an address and the verifier that only the client knows which started -> a session. A code is shown once,
 * whatever comes of it. Errors: `not_found`, `unprocessable`, `invalid_input`.
 */
export async function exchangeCode(
  ctx: OpenCtx,
  input: { authCode: string; codeVerifier: string },
): Promise<IssuedSession> {
  const { clock, store } = ctx.deps;
  await requireAllowance(ctx, linkLimits(ctx));
  const hash = await sha256Hex(input.authCode);
  const code = await store.authCodes.codeByHash(hash);
  if (code === null) throw noSuchCode();
  if (code.expiresAt <= clock.now()) {
    await store.authCodes.drop(hash);
    throw new AppError('unprocessable', 'invalid flow state, flow state has expired', {
      body: { error_code: 'flow_state_expired' },
    });
  }
  const shown = code.challengeMethod === 's256' ? await s256(input.codeVerifier) : input.codeVerifier;
  if (!(await isSameSecret(shown, code.challenge))) {
    await store.authCodes.drop(hash);
    throw new AppError('invalid_input', 'code challenge does not match previously saved code verifier', {
      body: { error_code: 'bad_code_verifier' },
    });
  }
  const { session, refreshToken } = await newSession(ctx.deps, code.account.id, code.method);
  if (!(await store.authCodes.exchange(hash, session, ctx.request))) throw noSuchCode();
  return issueSession(ctx.deps, {
    sessionId: session.id,
    aal: 'aal1',
    method: code.method,
    signedInAt: session.at,
    factorVerifiedAt: null,
    refreshToken,
    user: { ...code.account, lastSignInAt: session.at },
  });
}

function noSuchCode(): AppError {
  return new AppError('not_found', 'invalid flow state, no valid flow state found', {
    body: { error_code: 'flow_state_not_found' },
  });
}
