import { exportJWK, generateKeyPair, importJWK, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../../worker/app.ts';
import { createSessionTokens, generateSigningKey } from '../../../worker/auth/session-tokens.ts';
import { createTestApp, type TestApp, testPublicUrl } from '../../support/app.ts';
import { createPerson, type Person } from '../../support/people.ts';

describe('an access token', () => {
  let t: TestApp;
  let person: Person;
  let ourKey: Awaited<ReturnType<typeof generateSigningKey>>;

  beforeAll(async () => {
    ourKey = await generateSigningKey('ours');
    const plain = await createTestApp();
    const sessionTokens = await createSessionTokens([ourKey], `${testPublicUrl}/auth/v1`);
    const deps = { ...plain.deps, sessionTokens };
    t = { ...plain, deps, app: createApp(deps) };
    person = await createPerson(t);
  });

  const profile = (token: string) =>
    t.app.request('/platform/profile', { headers: { authorization: `Bearer ${token}` } });
  const now = () => Math.floor(t.clock.now() / 1000);
  const claims = (): JWTPayload => ({
    aud: 'authenticated',
    iss: `${testPublicUrl}/auth/v1`,
    sub: person.accountId,
    session_id: person.sessionId,
    iat: now(),
    exp: now() + 3600,
  });
  const header = (): JWTHeaderParameters => ({ alg: 'ES256', kid: 'ours', typ: 'JWT' });

  async function signedByUs(
    change: Record<string, unknown>,
    headerChange: Record<string, unknown> = {},
  ): Promise<string> {
    return new SignJWT({ ...claims(), ...change })
      .setProtectedHeader({ ...header(), ...headerChange })
      .sign(await importJWK(ourKey, 'ES256'));
  }

  const raw = (...parts: object[]) =>
    `${parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;

  test('of ours is accepted: the refusals below are not for another reason', async () => {
    expect((await profile(await signedByUs({}))).status).toBe(200);
  });

  test.each<[string, () => Promise<string> | string]>([
    ['without a signature (alg none)', () => raw({ alg: 'none', typ: 'JWT' }, claims())],
    ['without a signature under our kid', () => raw({ alg: 'none', kid: 'ours', typ: 'JWT' }, claims())],
    [
      'signed by HS256 with the public key as the secret',
      async () => {
        const { d: _, ...publicKey } = ourKey;
        return new SignJWT(claims())
          .setProtectedHeader({ alg: 'HS256', kid: 'ours', typ: 'JWT' })
          .sign(new TextEncoder().encode(JSON.stringify(publicKey)));
      },
    ],
    [
      'signed by a key it brings along (jwk)',
      async () => {
        const pair = await generateKeyPair('ES256', { extractable: true });
        return new SignJWT(claims())
          .setProtectedHeader({ ...header(), jwk: await exportJWK(pair.publicKey) })
          .sign(pair.privateKey);
      },
    ],
    [
      'signed by a key it points to (jku, x5u)',
      async () => {
        const pair = await generateKeyPair('ES256');
        return new SignJWT(claims())
          .setProtectedHeader({ ...header(), kid: 'theirs', jku: 'http://evil.test/jwks', x5u: 'http://evil.test/x5u' })
          .sign(pair.privateKey);
      },
    ],
    [
      'signed by a stranger under our kid',
      async () => new SignJWT(claims()).setProtectedHeader(header()).sign((await generateKeyPair('ES256')).privateKey),
    ],
    ['under an unknown kid', () => signedByUs({}, { kid: '../../dev/null' })],
    ['without a kid', () => signedByUs({}, { kid: undefined })],
    ['of another type', () => signedByUs({}, { typ: 'at+jwt' })],
    ['for another audience', () => signedByUs({ aud: 'anon' })],
    ['of another issuer', () => signedByUs({ iss: 'http://evil.test/auth/v1' })],
    ['that expired', () => signedByUs({ exp: now() - 1 })],
    ['that never expires', () => signedByUs({ exp: undefined })],
    ['whose expiry is text', () => signedByUs({ exp: '9999999999' })],
    ['that is not valid yet', () => signedByUs({ nbf: now() + 600 })],
    ['without a session', () => signedByUs({ session_id: undefined })],
    ['whose session is no id', () => signedByUs({ session_id: "x' or '1'='1" })],
    ['of a session that is not there', () => signedByUs({ session_id: '00000000-0000-4000-8000-000000000000' })],
    [
      'whose payload was changed',
      async () => {
        const [head, , signature] = (await signedByUs({})).split('.');
        const payload = Buffer.from(JSON.stringify({ ...claims(), sub: crypto.randomUUID() })).toString('base64url');
        return `${head}.${payload}.${signature}`;
      },
    ],
    ['that is no token', () => 'eyJ.eyJ.x'],
    ['that looks like a personal one', () => `sbp_${'0'.repeat(40)}`],
  ])('%s is refused', async (_, make) => {
    const response = await profile(await make());
    expect(response.status).toBe(401);
    expect(Object.keys(await response.json()).sort()).toEqual(['code', 'message', 'request_id']);
  });

  test('stops working when its time is over', async () => {
    const token = await signedByUs({ exp: now() + 10 });
    expect((await profile(token)).status).toBe(200);
    t.clock.advance(11_000);
    expect((await profile(token)).status).toBe(401);
  });

  test('cannot be used again after signing out', async () => {
    const token = await signedByUs({});
    const logout = () =>
      t.app.request('/auth/v1/logout', { method: 'POST', headers: { authorization: `Bearer ${token}` } });
    expect((await logout()).status).toBe(204);
    expect((await profile(token)).status).toBe(401);
    expect((await logout()).status).toBe(401);
    expect((await t.app.request('/auth/v1/user', { headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
  });
});
