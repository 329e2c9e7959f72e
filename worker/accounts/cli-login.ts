import { requireAccount } from '../access/require-account.ts';
import type { Ctx, OpenCtx } from '../deps.ts';
import { AppError, notFound } from '../errors.ts';
import { perAddress } from '../limits/keys.ts';
import { tokenLimits } from '../limits/limits-of.ts';
import { requireAllowance } from '../limits/require-allowance.ts';
import type { CliLogin } from '../store/cli-logins.ts';
import { maximumTokens, newAccessToken } from './create-access-token.ts';
import { encryptFor } from './encrypt-for.ts';
import { requireSession } from './require-session.ts';

const validForMs = 10 * 60 * 1000;
/** of the eight digits, by somebody who knows the session's id */
const maximumFailures = 10;

/**
 * Makes an access token for the CLI whose public key is given, which fetches it with the first eight digits of `nonce`.
 * Errors: `invalid_input`, `forbidden`, `conflict`, `rate_limited`.
 */
export async function startCliLogin(
  ctx: Ctx,
  input: { sessionId: string; publicKey: string; tokenName: string | undefined },
): Promise<{ nonce: string }> {
  const { clock, random, store } = ctx.deps;
  await requireAllowance(ctx, tokenLimits(ctx));
  const actor = await requireAccount(ctx);
  requireSession(ctx);
  const now = clock.now();
  const { token, row } = await newAccessToken(ctx.deps, {
    accountId: actor.accountId,
    name: input.tokenName ?? 'Supabase CLI',
    expiresAt: null,
  });
  const encrypted = await encryptFor(input.publicKey, token, random);
  if (encrypted === null) throw new AppError('invalid_input', 'public_key: must be a P-256 key, uncompressed, in hex');
  const login = { ...encrypted, sessionId: input.sessionId, createdAt: now, expiresAt: now + validForMs };
  const started = await store.cliLogins.start(login, row, maximumTokens, { actor, request: ctx.request });
  if (!started) {
    throw new AppError(
      'conflict',
      `This sign-in was answered before, or the account has ${maximumTokens} access tokens; revoke one, and try again`,
    );
  }
  return { nonce: encrypted.nonce };
}

/** Hands the encrypted token over, once. An unknown session and a wrong code are the same `not_found`. */
export async function collectCliLogin(ctx: OpenCtx, input: { sessionId: string; code: string }): Promise<CliLogin> {
  const { clock, store } = ctx.deps;
  await requireAllowance(ctx, [perAddress(ctx, 'token.address')]);
  const found = await store.cliLogins.collect({ ...input, now: clock.now(), maximumFailures });
  if (found === null) throw notFound('CLI login session');
  return found;
}
