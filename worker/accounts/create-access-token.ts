import { sha256Hex } from '../auth/digest.ts';
import { createToken } from '../auth/secrets.ts';
import type { Ctx, Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { AccessToken, NewAccessToken } from '../store/access-tokens.ts';

export const maximumTokens = 100;
const maximumLifetimeMs = 366 * 24 * 3600 * 1000;

/**
 * A personal access token (`sbp_` + 40 hex) of the actor's; `token` is told this once. A token makes no further tokens:
 * a stolen one would outlive its expiry. Errors: `invalid_input`, `forbidden`, `conflict`.
 */
export async function createAccessToken(
  ctx: Ctx,
  input: { name: string; expiresAt: number | null },
): Promise<AccessToken & { token: string }> {
  const { clock, store } = ctx.deps;
  const { actor, total } = await store.accessTokens.ownTokenCount(ctx.credential, clock.now());
  if (ctx.credential.kind !== 'session') {
    throw new AppError('forbidden', 'Access tokens are made when signed in, not with another access token');
  }
  requireExpiry(input.expiresAt, clock.now());
  if (total >= maximumTokens) throw tooMany();
  const { token, row } = await newAccessToken(ctx.deps, {
    accountId: actor.accountId,
    name: input.name,
    expiresAt: input.expiresAt,
  });
  const created = await store.accessTokens.addToken(row, maximumTokens, { actor, request: ctx.request });
  if (created === null) throw tooMany();
  return { ...created, token };
}

/** A token, the given one or a new one, and the row that is kept of it. */
export async function newAccessToken(
  deps: Deps,
  { token = createToken(deps.random, 'sbp_'), ...input }: NewToken,
): Promise<{ token: string; row: NewAccessToken }> {
  const row = {
    ...input,
    hash: await sha256Hex(token),
    alias: `${token.slice(0, 8)}...${token.slice(-4)}`,
    createdAt: deps.clock.now(),
  };
  return { token, row };
}

type NewToken = { accountId: string; name: string; expiresAt: number | null; token?: string | undefined };

function requireExpiry(expiresAt: number | null, now: number): void {
  if (expiresAt === null) return;
  if (expiresAt <= now || expiresAt > now + maximumLifetimeMs) {
    throw new AppError('invalid_input', 'expires_at: must be in the future, within a year');
  }
}

function tooMany(): AppError {
  return new AppError('conflict', `An account has at most ${maximumTokens} access tokens; revoke one first`);
}
