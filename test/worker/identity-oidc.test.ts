import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { createIdentityProviders } from '../../worker/identity/providers.ts';
import { providerSettings } from '../../worker/identity/settings.ts';

const issuer = 'https://id.example';
const callback = 'https://plane.example/auth/v1/callback';
const nonce = 'the nonce of this flow';

describe('an id token of an issuer', () => {
  let key: CryptoKey;
  let jwks: unknown;

  beforeAll(async () => {
    const pair = await generateKeyPair('RS256', { extractable: true });
    key = pair.privateKey;
    jwks = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'theirs', alg: 'RS256', use: 'sig' }] };
  });

  const now = () => Math.floor(Date.now() / 1000);
  const good = (): JWTPayload => ({
    iss: issuer,
    aud: 'client',
    sub: 'kim',
    nonce,
    iat: now(),
    exp: now() + 600,
    email: 'Kim@Example.com',
    email_verified: true,
  });
  const signed = (change: Record<string, unknown> = {}, by: CryptoKey | Uint8Array = key, alg = 'RS256') =>
    new SignJWT({ ...good(), ...change }).setProtectedHeader({ alg, kid: 'theirs' }).sign(by);

  /** Comes back to a flow whose issuer answers with that id token; a double of one, spoken to in memory. */
  async function comeBack(idToken: string, parameters: Record<string, string> = {}) {
    const json = (body: unknown) => Response.json(body);
    const outbound = async (request: Request) => {
      switch (new URL(request.url).pathname) {
        case '/.well-known/openid-configuration':
          return json({
            issuer,
            authorization_endpoint: `${issuer}/auth`,
            token_endpoint: `${issuer}/token`,
            jwks_uri: `${issuer}/jwks`,
            id_token_signing_alg_values_supported: ['RS256'],
          });
        case '/jwks':
          return json(jwks);
        default:
          return json({ access_token: 'access', token_type: 'Bearer', id_token: idToken });
      }
    };
    const settings = providerSettings.parse([
      { name: 'house', kind: 'oidc', issuer, clientId: 'client', clientSecret: 'secret' },
    ]);
    const provider = createIdentityProviders(settings, outbound, { now: () => Date.now() }).get('house');
    if (provider === undefined) throw new Error('no provider');
    const callbackUrl = new URL(callback);
    callbackUrl.search = new URLSearchParams({ code: 'code', state: 'state', ...parameters }).toString();
    return provider.profile({ callbackUrl, state: 'state', nonce, verifier: 'v'.repeat(43) });
  }

  test('that is right says who it is: the refusals below are not for another reason', async () => {
    expect(await comeBack(await signed())).toMatchObject({ subject: 'kim', email: 'kim@example.com' });
    expect(await comeBack(await signed({ email_verified: 'true' }))).toMatchObject({ email: 'kim@example.com' });
  });

  test.each([undefined, false, 'false', 'yes', 1, null])(
    'with an address verified as %j gives none',
    async (verified) => {
      expect(await comeBack(await signed({ email_verified: verified }))).toMatchObject({ subject: 'kim', email: null });
    },
  );

  const unsigned = (change: Record<string, unknown> = {}) =>
    `${[{ alg: 'none' }, { ...good(), ...change }].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;

  test.each<[string, () => string | Promise<string>]>([
    ['for another client', () => signed({ aud: 'somebody else' })],
    ['of another issuer', () => signed({ iss: 'https://evil.example' })],
    ['of another flow', () => signed({ nonce: 'of another flow' })],
    ['of no flow', () => signed({ nonce: undefined })],
    ['that expired', () => signed({ exp: now() - 60 })],
    ['whose expiry is text', () => signed({ exp: '9999999999' })],
    ['that never expires', () => signed({ exp: undefined })],
    ['of nobody', () => signed({ sub: undefined })],
    ['without a signature', () => unsigned()],
    ['signed by a stranger', async () => signed({}, (await generateKeyPair('RS256')).privateKey)],
    ['signed with the client’s secret', () => signed({}, new TextEncoder().encode('secret'.padEnd(32, '!')), 'HS256')],
    ['that is none', () => 'x.y.z'],
  ])('%s is refused', async (_, make) => {
    await expect(comeBack(await make())).rejects.toThrow();
  });

  test('is not asked for when the address says another issuer, or another state', async () => {
    await expect(comeBack(await signed(), { iss: 'https://evil.example' })).rejects.toThrow();
    await expect(comeBack(await signed(), { state: 'another' })).rejects.toThrow();
  });
});
