import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretPost,
  Configuration,
  fetchProtectedResource,
} from 'openid-client';
import { z } from 'zod';
import type { IdentityProvider } from '../deps.ts';
import { govern, type Outbound } from './outbound.ts';
import type { GithubSettings } from './settings.ts';

const user = z.object({
  id: z.int().positive(),
  login: z.string().max(200),
  name: z.string().max(200).nullish(),
  avatar_url: z.string().max(2000).nullish(),
});
const emails = z.array(z.object({ email: z.string().max(320), primary: z.boolean(), verified: z.boolean() }));

const scope = 'read:user user:email';

/** GitHub, which speaks OAuth and has no id tokens: who it is comes from its API. Only the primary address counts. */
export function githubProvider(
  settings: GithubSettings,
  outbound: Outbound,
): Pick<IdentityProvider, 'authorizationUrl' | 'profile'> {
  const base = `${settings.url}/login/oauth`;
  const configuration = govern(
    new Configuration(
      { issuer: base, authorization_endpoint: `${base}/authorize`, token_endpoint: `${base}/access_token` },
      settings.clientId,
      {},
      ClientSecretPost(settings.clientSecret),
    ),
    outbound,
    settings.url,
  );

  async function read<T>(token: string, path: string, schema: z.ZodType<T>): Promise<T> {
    const url = new URL(`${settings.apiUrl}${path}`);
    const headers = new Headers({ accept: 'application/vnd.github+json', 'user-agent': 'supafleet' });
    const response = await fetchProtectedResource(configuration, token, url, 'GET', undefined, headers);
    if (!response.ok) throw new Error(`${path} was answered with ${response.status}`);
    return schema.parse(await response.json());
  }

  return {
    async authorizationUrl({ redirectUri, state, codeChallenge }) {
      const url = buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope,
        state,
        code_challenge: codeChallenge,
        code_challenge_method: 'S256',
      });
      return url.href;
    },

    async profile({ callbackUrl, state, verifier }) {
      const { access_token } = await authorizationCodeGrant(configuration, callbackUrl, {
        expectedState: state,
        pkceCodeVerifier: verifier,
      });
      const [who, addresses] = await Promise.all([
        read(access_token, '/user', user),
        read(access_token, '/user/emails', emails),
      ]);
      const primary = addresses.find((address) => address.primary && address.verified);
      return {
        subject: String(who.id),
        email: primary?.email.toLowerCase() ?? null,
        firstName: '',
        lastName: '',
        data: {
          ...(primary !== undefined && { email: primary.email, email_verified: true }),
          ...(who.name != null && { name: who.name, full_name: who.name }),
          ...(who.avatar_url != null && { avatar_url: who.avatar_url }),
          user_name: who.login,
          preferred_username: who.login,
        },
      };
    },
  };
}
