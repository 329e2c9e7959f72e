import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
} from 'openid-client';
import { z } from 'zod';
import type { Clock, IdentityProfile, IdentityProvider } from '../deps.ts';
import { fetchBy, isInsecure, type Outbound, timeoutSeconds } from './outbound.ts';
import type { OidcSettings } from './settings.ts';

/** for how long an issuer's own description is believed */
const rediscoverMs = 60 * 60 * 1000;

const claims = z.object({
  sub: z.string().min(1).max(255),
  email: z.email().max(254).optional().catch(undefined),
  // some issuers write it as text
  email_verified: z
    .union([z.boolean(), z.literal('true').transform(() => true)])
    .optional()
    .catch(undefined),
  name: z.string().max(200).optional().catch(undefined),
  given_name: z.string().max(100).optional().catch(undefined),
  family_name: z.string().max(100).optional().catch(undefined),
  preferred_username: z.string().max(200).optional().catch(undefined),
  picture: z.url().max(2000).optional().catch(undefined),
});
type Claims = z.infer<typeof claims>;

/** An issuer of OpenID Connect: authorization code with PKCE; the id token's signature, issuer, audience, nonce and times hold. */
export function oidcProvider(
  settings: OidcSettings,
  outbound: Outbound,
  clock: Clock,
): Pick<IdentityProvider, 'authorizationUrl' | 'profile'> {
  let known: { configuration: Configuration; until: number } | undefined;

  /** Keeps what was found, never a promise: those of one request are no good in another. */
  async function configured(): Promise<Configuration> {
    if (known !== undefined && clock.now() < known.until) return known.configuration;
    const configuration = await discovery(new URL(settings.issuer), settings.clientId, {}, clientAuth(settings), {
      [customFetch]: fetchBy(outbound),
      timeout: timeoutSeconds,
      execute: [enableNonRepudiationChecks, ...(isInsecure(settings.issuer) ? [allowInsecureRequests] : [])],
    });
    known = { configuration, until: clock.now() + rediscoverMs };
    return configuration;
  }

  return {
    async authorizationUrl({ redirectUri, state, nonce, codeChallenge }) {
      const url = buildAuthorizationUrl(await configured(), {
        redirect_uri: redirectUri,
        scope: settings.scopes,
        state,
        nonce,
        code_challenge: codeChallenge,
        code_challenge_method: 'S256',
      });
      return url.href;
    },

    async profile({ callbackUrl, state, nonce, verifier }) {
      const configuration = await configured();
      const tokens = await authorizationCodeGrant(configuration, callbackUrl, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const own = claims.parse(tokens.claims());
      const hasUserInfo = configuration.serverMetadata().userinfo_endpoint !== undefined;
      if (own.email !== undefined || !hasUserInfo) return toProfile(own);
      // many issuers tell the address there only; it and whether it was verified come from one place
      return toProfile(claims.parse(await fetchUserInfo(configuration, tokens.access_token, own.sub)));
    },
  };
}

/** As the issuer takes it; what it does not say is `client_secret_basic`, by the standard. */
function clientAuth({ clientSecret }: OidcSettings): ClientAuth {
  const [basic, post] = [ClientSecretBasic(clientSecret), ClientSecretPost(clientSecret)];
  return (server, ...rest) => {
    const supported = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return (supported.includes('client_secret_basic') ? basic : post)(server, ...rest);
  };
}

function toProfile({ sub, email, email_verified: verified, ...told }: Claims): IdentityProfile {
  return {
    subject: sub,
    email: verified === true && email !== undefined ? email.toLowerCase() : null,
    firstName: told.given_name ?? '',
    lastName: told.family_name ?? '',
    data: {
      ...(email !== undefined && { email, email_verified: verified === true }),
      ...(told.name !== undefined && { name: told.name, full_name: told.name }),
      ...(told.preferred_username !== undefined && { preferred_username: told.preferred_username }),
      ...(told.picture !== undefined && { avatar_url: told.picture }),
    },
  };
}
