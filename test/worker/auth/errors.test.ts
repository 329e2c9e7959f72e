import { beforeAll, describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { createPerson, type Person } from '../../support/people.ts';

describe('sign-in over HTTP', () => {
  let t: TestApp;
  let person: Person;

  beforeAll(async () => {
    t = await createTestApp();
    person = await createPerson(t);
  });

  const post = (query: string, body: unknown, headers: Record<string, string> = {}) =>
    t.app.request(`/auth/v1/token${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const wrong = () => ({ email: person.email, password: 'wrong horse battery' });

  test("answers Studio's own request, captcha and all, even with a stale Authorization header", async () => {
    const body = {
      email: person.email,
      password: 'correct horse battery',
      gotrue_meta_security: { captcha_token: 'x' },
    };
    const response = await post('?grant_type=password', body, {
      'x-client-info': 'gotrue-js/2.103.0',
      'x-supabase-api-version': '2024-01-01',
      authorization: 'Bearer stale',
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test('speaks the error version that was asked for', async () => {
    const old = await post('?grant_type=password', wrong());
    expect(old.status).toBe(400);
    expect(await old.json()).toEqual({
      code: 400,
      error_code: 'invalid_credentials',
      msg: 'Invalid login credentials',
    });
    expect(old.headers.get('x-supabase-api-version')).toBeNull();

    const current = await post('?grant_type=password', wrong(), {
      'x-supabase-api-version': '2024-01-01',
      origin: 'http://studio.test',
    });
    expect(current.status).toBe(400);
    expect(await current.json()).toEqual({ code: 'invalid_credentials', message: 'Invalid login credentials' });
    expect(current.headers.get('x-supabase-api-version')).toBe('2024-01-01');
    expect(current.headers.get('access-control-expose-headers')?.toLowerCase()).toContain('x-supabase-api-version');
  });

  test.each([
    ['no grant type', '', { email: 'a@b.test', password: 'x' }],
    ['an unknown grant type', '?grant_type=id_token', {}],
    ['no email', '?grant_type=password', { password: 'x' }],
    ['no password', '?grant_type=password', { email: 'a@b.test' }],
    ['a password that is no text', '?grant_type=password', { email: 'a@b.test', password: { $ne: null } }],
    ['no refresh token', '?grant_type=refresh_token', {}],
    ['a body that is no JSON', '?grant_type=password', '{"email":'],
    ['a body that is null', '?grant_type=password', 'null'],
    ['an endless refresh token', '?grant_type=refresh_token', { refresh_token: 'x'.repeat(10_000) }],
  ])('refuses %s with 400 and says so', async (_, query, body) => {
    const response = await post(query, body);
    expect(response.status).toBe(400);
    expect((await response.json()).msg).toBeTruthy();
  });

  test('refuses a signing-out with an unknown scope, and one by access token', async () => {
    const logout = (scope: string, headers: HeadersInit) =>
      t.app.request(`/auth/v1/logout?scope=${scope}`, { method: 'POST', headers });
    expect((await logout('everywhere', person.headers)).status).toBe(400);
    expect((await logout('global', {})).status).toBe(401);
    expect((await t.app.request('/auth/v1/user', { headers: person.headers })).status).toBe(200);
  });

  test('publishes keys, settings and health to anybody', async () => {
    const jwks = await t.app.request('/auth/v1/.well-known/jwks.json', { headers: { authorization: 'Basic x' } });
    expect(jwks.headers.get('cache-control')).toContain('public');
    const { keys } = await jwks.json();
    expect(keys[0]).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', kid: 'test' });
    expect(keys[0]).not.toHaveProperty('d');
    expect(await (await t.app.request('/auth/v1/settings')).json()).toMatchObject({ disable_signup: true });
    expect((await t.app.request('/auth/v1/health')).status).toBe(200);
  });
});
