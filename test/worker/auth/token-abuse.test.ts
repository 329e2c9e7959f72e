import { createPublicKey } from 'node:crypto';
import { exportJWK, generateKeyPair, importJWK, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createApp } from '../../../worker/app.ts';
import { createSessionTokens, generateSigningKey } from '../../../worker/auth/session-tokens.ts';
import { createTestApp, type TestApp, testPublicUrl } from '../../support/app.ts';
import { createPerson, type Person } from '../../support/people.ts';
import { send } from '../../support/requests.ts';

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

  const relabelled = (change: Record<string, unknown>) => (token: string) => {
    const [, payload, signature] = token.split('.');
    const head = Buffer.from(JSON.stringify({ ...header(), ...change })).toString('base64url');
    return `${head}.${payload}.${signature}`;
  };

  /** The ways in which libraries with a confusion of keys would have taken ours as a secret. */
  async function publicKeyAs(form: 'spki' | 'x' | 'point'): Promise<Uint8Array> {
    const { d: _, ...publicKey } = ourKey;
    if (form === 'x') return Buffer.from(String(publicKey.x), 'base64url');
    const key = createPublicKey({ key: publicKey, format: 'jwk' });
    const der = key.export({ type: 'spki', format: 'der' });
    return form === 'spki' ? Buffer.from(key.export({ type: 'spki', format: 'pem' })) : der.subarray(-65);
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
    ...(['spki', 'x', 'point'] as const).map((form): [string, () => Promise<string>] => [
      `signed by HS256 with the public key as the secret, written as ${form}`,
      async () =>
        new SignJWT(claims())
          .setProtectedHeader({ alg: 'HS256', kid: 'ours', typ: 'JWT' })
          .sign(await publicKeyAs(form)),
    ]),
    ['that says another algorithm than our key is for', () => signedByUs({}).then(relabelled({ alg: 'RS256' }))],
    ['that says no algorithm after it was signed', () => signedByUs({}).then(relabelled({ alg: 'none' }))],
    [
      'with an extension that has to be understood',
      () => signedByUs({}).then(relabelled({ crit: ['b64'], b64: true })),
    ],
    ['with its signature cut off', async () => (await signedByUs({})).replace(/[^.]+$/, '')],
    ['with a part too many', async () => `${await signedByUs({})}.e30`],
    ['that is encrypted in name', () => signedByUs({}, { typ: 'JWE' })],
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
    ['that expires at no number', () => signedByUs({ exp: null })],
    ['that expires at several times', () => signedByUs({ exp: [now() + 600] })],
    ['that does not say when it was issued', () => signedByUs({ iat: undefined })],
    ['for nobody', () => signedByUs({ sub: undefined })],
    ['for several audiences but ours', () => signedByUs({ aud: ['anon', 'authenticated-not'] })],
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

  const user = async (token: string) =>
    (await t.app.request('/auth/v1/user', { headers: { authorization: `Bearer ${token}` } })).status;

  test.each<[string, (someone: Person) => string]>([
    ['its account is disabled', () => 'update accounts set disabled_at = 1 where id = ?'],
    ['its account is removed', () => 'delete from accounts where id = ?'],
    ['its session is over', () => 'update sessions set expires_at = 1 where account_id = ?'],
    ['its session is ended', () => 'delete from sessions where account_id = ?'],
  ])('cannot be used again once %s', async (_, change) => {
    const someone = await createPerson(t);
    expect(await user(someone.token)).toBe(200);
    await t.client.batch(['pragma foreign_keys = on', { sql: change(someone), args: [someone.accountId] }], 'write');
    expect(await user(someone.token)).toBe(401);
    expect((await profile(someone.token)).status).toBe(401);
  });

  test('of one account is no key to another, whatever it says of whose it is', async () => {
    const [someone, other] = [await createPerson(t), await createPerson(t)];
    const token = await signedByUs({ sub: other.accountId, session_id: someone.sessionId, email: other.email });
    const response = await t.app.request('/auth/v1/user', { headers: { authorization: `Bearer ${token}` } });
    expect(((await response.json()) as { id: string }).id).toBe(someone.accountId);
  });

  test('that is a personal one cannot be used again once it is revoked', async () => {
    const someone = await createPerson(t);
    const made = await send(t, someone, 'POST', '/trpc/tokens.create', { name: 'ci' });
    const { id, token } = z
      .object({ result: z.object({ data: z.object({ id: z.number(), token: z.string() }) }) })
      .parse(made.body).result.data;
    expect((await profile(token)).status).toBe(200);
    expect((await send(t, someone, 'POST', '/trpc/tokens.revoke', { id })).status).toBe(200);
    expect((await profile(token)).status).toBe(401);
  });
});
