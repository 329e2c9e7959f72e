import type { Ctx } from '../deps.ts';
import { notFound } from '../errors.ts';
import { tokenLimits } from '../limits/limits-of.ts';
import { letIn } from '../limits/require-allowance.ts';
import { type AccessToken, accessTokenOf } from './access-token.ts';
import { requireSession } from './require-session.ts';

/**
 * Ends one of the actor's personal access tokens at once. Errors: `forbidden`, `rate_limited`, `not_found`, for somebody
 * else's too. `among`: which of them are meant.
 */
export async function revokeAccessToken(
  ctx: Ctx,
  input: { id: number; among?: (token: AccessToken) => boolean },
): Promise<AccessToken> {
  const { clock, store } = ctx.deps;
  const limits = tokenLimits(ctx);
  const now = clock.now();
  const { taken, actor, token: row } = await store.accessTokens.tokenToRevoke(ctx.credential, input.id, limits, now);
  letIn(ctx.request, limits, taken, now);
  requireSession(ctx);
  const token = row === null ? null : accessTokenOf(row);
  if (token === null || input.among?.(token) === false) throw notFound('Access token');
  const removed = await store.accessTokens.removeToken(token, { actor, request: ctx.request, at: clock.now() });
  if (!removed) throw notFound('Access token');
  return token;
}
