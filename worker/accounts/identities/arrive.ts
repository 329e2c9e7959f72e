import { sha256Hex } from '../../auth/digest.ts';
import { redirectTarget } from '../../auth/redirect-target.ts';
import { createRefreshToken } from '../../auth/secrets.ts';
import type { IdentityProfile, IdentityProvider, OpenCtx } from '../../deps.ts';
import type { Arrival } from '../../store/arrivals.ts';
import type { OauthFlow } from '../../store/oauth-flows.ts';
import { type IssuedSession, issueSession } from '../issue.ts';
import { newSession } from '../new-session.ts';
import { callbackUri } from './depart.ts';
import { recognize } from './recognize.ts';
import { type ArrivalRefusal, refusals } from './refusals.ts';

/** What a browser takes along to `redirectTo`. */
export type Arrived = { redirectTo: string; isPkce: boolean } & (
  | { kind: 'session'; session: IssuedSession }
  | { kind: 'code'; code: string }
  | { kind: 'refused'; refusal: ArrivalRefusal }
);

/** How long a client has to fetch its session by a code. */
const codeLifetimeMs = 5 * 60 * 1000;

/**
 * Somebody comes back from an identity provider, with what it put behind our address. Whoever it is signs in, gets an
 * account or is refused. The flow is over before anything is asked of the provider, so an address works once.
 */
export async function arrive(ctx: OpenCtx, parameters: URLSearchParams): Promise<Arrived> {
  const { clock, config, identityProviders, store } = ctx.deps;
  const state = parameters.get('state') ?? '';
  const flow = await store.oauthFlows.take(await sha256Hex(state), clock.now());
  if (flow === null) {
    return {
      redirectTo: redirectTarget(config, undefined),
      isPkce: false,
      kind: 'refused',
      refusal: refusals.badState,
    };
  }
  const back = { redirectTo: flow.redirectTo, isPkce: flow.codeChallenge !== null };
  const refused = (refusal: ArrivalRefusal): Arrived => ({ ...back, kind: 'refused', refusal });
  const provider = identityProviders.get(flow.provider);
  if (provider === undefined) return refused(refusals.providerGone);
  const denied = parameters.get('error');
  if (denied !== null) return refused(refusals.byProvider(denied, parameters.get('error_description')));

  const profile = await profileOf(ctx, provider, flow, { state, parameters });
  if (profile === null) return refused(refusals.failedExchange);
  const recognized = await recognize(ctx, provider, profile);
  if (recognized.kind === 'refused') return refused(recognized.refusal);
  const { accountId, as } = recognized;
  const { gets, told } = await gift(ctx, accountId, flow);
  const arrival: Arrival = { identity: recognized.identity, accountId, as, gets, at: clock.now() };
  const user = await store.identities.arrive(arrival, ctx.request);
  if (user === null) return refused(refusals.changedMeanwhile);
  if (gets.kind === 'code') return { ...back, kind: 'code', code: told };
  const session = await issueSession(ctx.deps, {
    sessionId: gets.session.id,
    aal: 'aal1',
    method: 'oauth',
    signedInAt: gets.session.at,
    factorVerifiedAt: null,
    refreshToken: told,
    user,
  });
  return { ...back, kind: 'session', session };
}

/** Null: it cannot be believed, or the provider did not answer; the log says why. */
async function profileOf(
  { deps, request }: OpenCtx,
  provider: IdentityProvider,
  flow: OauthFlow,
  came: { state: string; parameters: URLSearchParams },
): Promise<IdentityProfile | null> {
  const place = { table: 'oauth_flows', row: flow.hash, field: 'verifier' };
  const verifier = await deps.vault.open(flow.verifier, place);
  const callbackUrl = new URL(callbackUri(deps));
  callbackUrl.search = came.parameters.toString();
  try {
    return await provider.profile({ callbackUrl, state: came.state, nonce: flow.nonce, verifier });
  } catch (error) {
    // a cause may hold the whole answer of the provider, tokens and all
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
    deps.log.warn('an identity provider was not believed', { requestId: request.id, provider: provider.name, reason });
    return null;
  }
}

/** A session, or with PKCE a code for one; and what is told of it, once. */
async function gift(
  { deps }: OpenCtx,
  accountId: string,
  flow: OauthFlow,
): Promise<{ gets: Arrival['gets']; told: string }> {
  const { codeChallenge: challenge, codeChallengeMethod: challengeMethod } = flow;
  if (challenge === null || challengeMethod === null) {
    const { session, refreshToken } = await newSession(deps, accountId, 'oauth');
    return { gets: { kind: 'session', session }, told: refreshToken };
  }
  const code = createRefreshToken(deps.random);
  const at = deps.clock.now();
  const hash = await sha256Hex(code);
  return {
    gets: {
      kind: 'code',
      code: { hash, method: 'oauth', challenge, challengeMethod, at, expiresAt: at + codeLifetimeMs },
    },
    told: code,
  };
}
