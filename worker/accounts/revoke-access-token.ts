import type { Ctx } from '../deps.ts';
import { notFound } from '../errors.ts';
import type { AccessToken } from '../store/access-tokens.ts';

/** Ends one of the actor's personal access tokens at once. Errors: `not_found`, for somebody else's too. */
export async function revokeAccessToken(ctx: Ctx, input: { id: number }): Promise<AccessToken> {
  const { clock, store } = ctx.deps;
  const { actor, token } = await store.accessTokens.ownToken(ctx.credential, input.id, clock.now());
  if (token === null) throw notFound('Access token');
  const removed = await store.accessTokens.removeToken(token, { actor, request: ctx.request, at: clock.now() });
  if (!removed) throw notFound('Access token');
  return token;
}
