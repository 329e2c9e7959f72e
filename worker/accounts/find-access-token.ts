import type { Ctx } from '../deps.ts';
import { notFound } from '../errors.ts';
import { type AccessToken, accessTokenOf } from './access-token.ts';
import { requireSession } from './require-session.ts';

/** One of the actor's personal access tokens. Errors: `forbidden`, `not_found`, for somebody else's too. */
export async function findAccessToken(ctx: Ctx, input: { id: number }): Promise<AccessToken> {
  const { clock, store } = ctx.deps;
  const { token } = await store.accessTokens.ownToken(ctx.credential, input.id, clock.now());
  requireSession(ctx);
  if (token === null) throw notFound('Access token');
  return accessTokenOf(token);
}
