import type { Ctx } from '../deps.ts';
import type { AccessToken } from '../store/access-tokens.ts';

/** The actor's personal access tokens, newest first, at most 100. */
export async function listAccessTokens(ctx: Ctx): Promise<AccessToken[]> {
  const { tokens } = await ctx.deps.store.accessTokens.ownTokens(ctx.credential, ctx.deps.clock.now());
  return tokens;
}
