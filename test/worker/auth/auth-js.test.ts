import { GoTrueClient } from '@supabase/auth-js';
import { beforeAll, describe, expect, test } from 'vitest';
import { createTestApp, type TestApp, testPublicUrl } from '../../support/app.ts';
import { createPerson, type Person } from '../../support/people.ts';

const password = 'correct horse battery';

describe('the official auth client', () => {
  let t: TestApp;
  let person: Person;

  beforeAll(async () => {
    t = await createTestApp();
    person = await createPerson(t);
  });

  /** A browser of its own: nothing is shared with other clients. */
  function client(): GoTrueClient {
    const kept = new Map<string, string>();
    return new GoTrueClient({
      url: `${testPublicUrl}/auth/v1`,
      autoRefreshToken: false,
      detectSessionInUrl: false,
      storage: {
        getItem: (key) => kept.get(key) ?? null,
        setItem: (key, value) => void kept.set(key, value),
        removeItem: (key) => void kept.delete(key),
      },
      fetch: (url, init) => Promise.resolve(t.app.request(String(url), init)),
    });
  }

  async function signedIn(): Promise<GoTrueClient> {
    const auth = client();
    const { error } = await auth.signInWithPassword({ email: person.email, password });
    expect(error).toBeNull();
    return auth;
  }

  test('signs in and gets a complete session and user', async () => {
    const { data, error } = await client().signInWithPassword({ email: person.email.toUpperCase(), password });
    expect(error).toBeNull();
    expect(data.session).toMatchObject({ token_type: 'bearer', expires_in: 3600 });
    expect(data.session?.refresh_token).toMatch(/^[\w-]{43}$/);
    expect(data.user).toMatchObject({
      id: person.accountId,
      aud: 'authenticated',
      role: 'authenticated',
      email: person.email,
      phone: '',
      app_metadata: { provider: 'email', providers: ['email'] },
      user_metadata: {},
      factors: [],
      is_anonymous: false,
    });
    for (const time of ['created_at', 'updated_at', 'email_confirmed_at', 'confirmed_at', 'last_sign_in_at'] as const) {
      expect(Date.parse(data.user?.[time] ?? '')).toBeGreaterThan(0);
    }
    expect(data.user?.identities?.[0]).toMatchObject({ provider: 'email', user_id: person.accountId });
    expect(JSON.stringify(data)).not.toContain('plain$');
  });

  test('reads the user and verifies claims by the published keys alone', async () => {
    const auth = await signedIn();
    const { data, error } = await auth.getUser();
    expect(error).toBeNull();
    expect(data.user?.email).toBe(person.email);

    t.roundTrips.reset();
    const verified = await auth.getClaims();
    expect(verified.error).toBeNull();
    expect(verified.data?.header.alg).toBe('ES256');
    expect(verified.data?.claims).toMatchObject({
      sub: person.accountId,
      aal: 'aal1',
      iss: `${testPublicUrl}/auth/v1`,
      amr: [{ method: 'password' }],
    });
    // neither the keys nor the verification ask the database
    expect(t.roundTrips.count).toBe(0);
  });

  test('refreshes to another token of the same session', async () => {
    const auth = await signedIn();
    const before = (await auth.getSession()).data.session;
    const { data, error } = await auth.refreshSession();
    expect(error).toBeNull();
    expect(data.session?.refresh_token).not.toBe(before?.refresh_token);
    const claims = await auth.getClaims();
    const earlier = await auth.getClaims(before?.access_token);
    expect(claims.data?.claims.session_id).toBe(earlier.data?.claims.session_id);
  });

  test('tells what was wrong by code', async () => {
    const { error } = await client().signInWithPassword({ email: person.email, password: 'wrong horse battery' });
    expect(error).toMatchObject({ name: 'AuthApiError', status: 400, code: 'invalid_credentials' });
    expect(error?.message).toBe('Invalid login credentials');
    const refreshed = await client().refreshSession({ refresh_token: 'nobody-knows-this-one' });
    expect(refreshed.error).toMatchObject({ status: 400, code: 'refresh_token_not_found' });
  });

  test.each([
    { scope: 'local', ended: ['own'] },
    { scope: 'others', ended: ['other'] },
    { scope: 'global', ended: ['own', 'other'] },
  ] as const)('signing out with scope $scope ends $ended at once', async ({ scope, ended }) => {
    person = await createPerson(t);
    const auths = { own: await signedIn(), other: await signedIn() };
    const tokens = {
      own: (await auths.own.getSession()).data.session?.access_token,
      other: (await auths.other.getSession()).data.session?.access_token,
    };
    expect((await auths.own.signOut({ scope })).error).toBeNull();
    for (const who of ['own', 'other'] as const) {
      const gone = ended.some((name) => name === who);
      const response = await t.app.request('/platform/profile', {
        headers: { authorization: `Bearer ${tokens[who]}` },
      });
      expect([who, response.status]).toEqual([who, gone ? 401 : 200]);
    }
    const { rows } = await t.client.execute({
      sql: 'select count(*) as left from refresh_tokens t join sessions s on s.id = t.session_id where s.account_id = ?',
      args: [person.accountId],
    });
    expect(Number(rows[0]?.left)).toBe(2 - ended.length);
  });

  test('learns that its session is gone and forgets it', async () => {
    const [auth, other] = [await signedIn(), await signedIn()];
    await other.signOut({ scope: 'others' });
    const { error } = await auth.getUser();
    expect(error?.name).toBe('AuthSessionMissingError');
    expect((await auth.getSession()).data.session).toBeNull();
  });
});
