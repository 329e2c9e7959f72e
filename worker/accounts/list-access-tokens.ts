import type { Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { type AccessToken, accessTokenOf } from './access-token.ts';

/**
 * The actor's personal access tokens, newest first, at most 100. Errors: `forbidden` for a token that is limited in any
 * way.
 */
export async function listAccessTokens(ctx: Ctx): Promise<AccessToken[]> {
  const { actor, tokens } = await ctx.deps.store.accessTokens.ownTokens(ctx.credential, ctx.deps.clock.now());
  if (actor.isLimited || actor.permissions !== null) {
    throw new AppError('forbidden', 'This access token is limited: it does not list the tokens of its account');
  }
  return tokens.map(accessTokenOf);
}
