import { sha256Hex } from '../../auth/digest.ts';
import { s256 } from '../../auth/pkce.ts';
import { redirectTarget } from '../../auth/redirect-target.ts';
import { createRefreshToken } from '../../auth/secrets.ts';
import type { Deps, OpenCtx } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import { linkLimits } from '../../limits/limits-of.ts';
import { requireAllowance } from '../../limits/require-allowance.ts';
import { clientChallenge } from './pkce-challenge.ts';

/** How long somebody may stay at the provider. */
const flowLifetimeMs = 10 * 60 * 1000;

/**
 * Where to send a browser that signs in by an identity provider. Errors: `invalid_input` for an unknown provider,
 * `rate_limited`, `provider_unreachable`.
 */
export async function depart(
  ctx: OpenCtx,
  input: {
    provider: string;
    redirectTo?: string | undefined;
    codeChallenge?: string | undefined;
    codeChallengeMethod?: string | undefined;
  },
): Promise<string> {
  const { clock, config, identityProviders, random, store, vault } = ctx.deps;
  const provider = identityProviders.get(input.provider);
  if (provider === undefined) throw new AppError('invalid_input', 'Unsupported provider: provider is not enabled');
  const client = clientChallenge(input);
  await requireAllowance(ctx, linkLimits(ctx));

  // each 256 bits
  const state = createRefreshToken(random);
  const nonce = createRefreshToken(random);
  const verifier = createRefreshToken(random);
  const hash = await sha256Hex(state);
  const at = clock.now();
  const url = await reached(
    provider.name,
    provider.authorizationUrl({
      redirectUri: callbackUri(ctx.deps),
      state,
      nonce,
      codeChallenge: await s256(verifier),
    }),
  );
  await store.oauthFlows.add({
    hash,
    provider: provider.name,
    verifier: await vault.seal(verifier, { table: 'oauth_flows', row: hash, field: 'verifier' }),
    nonce,
    redirectTo: redirectTarget(config, input.redirectTo),
    codeChallenge: client?.challenge ?? null,
    codeChallengeMethod: client?.method ?? null,
    createdAt: at,
    expiresAt: at + flowLifetimeMs,
  });
  return url;
}

/** Where providers send people back to; it has to be registered with them. */
export function callbackUri({ config }: Pick<Deps, 'config'>): string {
  return `${config.publicUrl}/auth/v1/callback`;
}

async function reached<T>(provider: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new AppError('provider_unreachable', `The identity provider ${provider} does not answer as it should`, {
      cause,
    });
  }
}
