import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createIdentityProviders } from '../../../../worker/identity/providers.ts';
import { providerSettings } from '../../../../worker/identity/settings.ts';
import { createTestApp, type TestApp, testPublicUrl } from '../../../support/app.ts';
import { authClient, testPassword } from '../../../support/auth-client.ts';
import { type Issuer, startIssuer } from '../../../support/oidc-issuer.ts';
import { createOrganization, createPerson } from '../../../support/people.ts';
import { send } from '../../../support/requests.ts';

const callback = `${testPublicUrl}/auth/v1/callback`;
const studio = 'http://studio.test/sign-in-complete';

describe('signing in by an issuer of OpenID Connect', () => {
  let issuer: Issuer;
  let t: TestApp;
  let login: string;
  let email: string;

  beforeAll(async () => {
    issuer = await startIssuer(callback);
  });
  afterAll(() => issuer.stop());

  beforeEach(async () => {
    login = randomUUID();
    email = `${login}@example.com`;
    issuer.accounts.set(login, { login, email, email_verified: true, name: 'Kim' });
    t = await appWith({});
  });

  async function appWith(
    change: Record<string, unknown>,
    config: { signups?: 'open' | 'closed' } = { signups: 'open' },
  ): Promise<TestApp> {
    const { url, clientId, clientSecret } = issuer;
    const settings = providerSettings.parse([
      { kind: 'oidc', name: 'house', issuer: url, clientId, clientSecret, ...change },
    ]);
    const clock = { now: () => Date.now() };
    const identityProviders = createIdentityProviders(settings, (request) => fetch(request), clock);
    return createTestApp({ identityProviders, config });
  }

  const leave = async (query: Record<string, string> = { redirect_to: studio }) => {
    const search = new URLSearchParams({ provider: 'house', ...query });
    const response = await t.app.request(`${testPublicUrl}/auth/v1/authorize?${search}`);
    expect(response.status).toBe(302);
    return response.headers.get('location') ?? '';
  };
  const comeBack = async (url: URL) => {
    const response = await t.app.request(url.href);
    expect(response.status).toBe(302);
    const to = new URL(response.headers.get('location') ?? '');
    return { to, hash: new URLSearchParams(to.hash.slice(1)), headers: response.headers };
  };
  const round = async (query?: Record<string, string>) => comeBack(await issuer.signIn(await leave(query), login));
  const asked = (token: string | null, path: string) =>
    t.app.request(path, { headers: { authorization: `Bearer ${token}` } });
  const userOf = async (token: string | null) => (await asked(token, '/auth/v1/user')).json();
  const accountsWith = async (address: string) => {
    const { rows } = await t.client.execute({ sql: 'select * from accounts where email = ?', args: [address] });
    return rows;
  };
  const actions = async (accountId: unknown) => {
    const { rows } = await t.client.execute({
      sql: 'select action, details from audit_entries where target = ? order by id',
      args: [String(accountId)],
    });
    return rows.map(({ action }) => action);
  };

  test('makes an account of a verified address, and finds it again', async () => {
    const { to, hash, headers } = await round();
    expect(`${to.origin}${to.pathname}${to.search}`).toBe(studio);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(Object.fromEntries(hash)).toMatchObject({ token_type: 'bearer', expires_in: '3600' });
    const user = await userOf(hash.get('access_token'));
    expect(user).toMatchObject({
      email,
      app_metadata: { provider: 'house', providers: ['house'] },
      identities: [{ provider: 'house', id: login, email, identity_data: { name: 'Kim', email_verified: true } }],
    });
    expect(user.email_confirmed_at).toBeDefined();
    expect(await actions(user.id)).toEqual(['account.sign-in', 'account.create', 'identity.link']);

    const again = await userOf((await round()).hash.get('access_token'));
    expect(again.id).toBe(user.id);
    expect(again.identities).toHaveLength(1);
    // with a password of nobody, nobody gets in by one
    const { error } = await authClient(t).signInWithPassword({ email, password: testPassword });
    expect(error?.code).toBe('invalid_credentials');
  });

  test('gives a session whose token says how it was started, and that refreshes', async () => {
    const { hash } = await round();
    const auth = authClient(t);
    const session = {
      access_token: hash.get('access_token') ?? '',
      refresh_token: hash.get('refresh_token') ?? '',
    };
    expect((await auth.setSession(session)).error).toBeNull();
    expect((await auth.refreshSession()).error).toBeNull();
    const claims = (await auth.getClaims()).data?.claims;
    expect(claims).toMatchObject({ aal: 'aal1', amr: [{ method: 'oauth' }] });
    expect((await asked(session.access_token, '/platform/profile')).status).toBe(200);
  });

  test('follows the identity, also when its address changed', async () => {
    const first = await userOf((await round()).hash.get('access_token'));
    issuer.accounts.set(login, { login, email: `other-${email}`, email_verified: true });
    const second = await userOf((await round()).hash.get('access_token'));
    expect([second.id, second.email]).toEqual([first.id, email]);
  });

  test('is linked to the account whose address is confirmed on both sides', async () => {
    const person = await createPerson(t);
    issuer.accounts.set(login, { login, email: person.email.toUpperCase(), email_verified: true });
    const user = await userOf((await round()).hash.get('access_token'));
    expect(user.id).toBe(person.accountId);
    expect(user.app_metadata.providers).toEqual(['email', 'house']);
    expect(await actions(person.accountId)).toEqual(['account.sign-in', 'identity.link']);
    const { error } = await authClient(t).signInWithPassword({ email: person.email, password: testPassword });
    expect(error).toBeNull();
  });

  test('takes an unconfirmed account over, without what somebody else set up in it', async () => {
    const squatter = await createPerson(t);
    await t.client.execute({
      sql: 'update accounts set email_confirmed_at = null where id = ?',
      args: [squatter.accountId],
    });
    issuer.accounts.set(login, { login, email: squatter.email, email_verified: true });
    const { hash } = await round();
    const user = await userOf(hash.get('access_token'));
    expect([user.id, user.app_metadata.providers]).toEqual([squatter.accountId, ['house']]);
    expect((await asked(squatter.token, '/platform/profile')).status).toBe(401);
    const { error } = await authClient(t).signInWithPassword({ email: squatter.email, password: testPassword });
    expect(error?.code).toBe('invalid_credentials');
    expect((await asked(hash.get('access_token'), '/platform/profile')).status).toBe(200);
  });

  test.each([{ email_verified: false }, {}])('believes no address that was not verified: %j', async (verified) => {
    const person = await createPerson(t);
    issuer.accounts.set(login, { login, email: person.email, ...verified });
    const { hash } = await round();
    expect(Object.fromEntries(hash)).toMatchObject({
      error: 'access_denied',
      error_code: 'provider_email_needs_verification',
    });
    expect(await actions(person.accountId)).toEqual([]);
  });

  test('makes nobody an account where signing up is closed, but those who are invited', async () => {
    t = await appWith({}, { signups: 'closed' });
    const { to, hash } = await round();
    expect(`${to.origin}${to.pathname}`).toBe(studio);
    expect(Object.fromEntries(hash)).toEqual({
      error: 'access_denied',
      error_code: 'signup_disabled',
      error_description: 'Signups not allowed for this instance',
    });
    expect(await accountsWith(email)).toEqual([]);

    const owner = await createPerson(t);
    const organization = await createOrganization(t, [{ person: owner, role: 'Owner' }]);
    await t.client.execute({
      sql: `insert into invitations (organization_id, email, role, token_hash, invited_by, created_at, expires_at)
            values (?, ?, 'Developer', ?, ?, ?, ?)`,
      args: [organization.id, email, randomUUID(), owner.accountId, t.clock.now(), t.clock.now() + 1000],
    });
    expect((await round()).hash.get('access_token')).not.toBeNull();
    expect(await accountsWith(email)).toHaveLength(1);
  });

  test('follows what the provider itself says of signing up', async () => {
    t = await appWith({ signUp: false });
    expect((await round()).hash.get('error_code')).toBe('signup_disabled');
    t = await appWith({ signUp: true }, { signups: 'closed' });
    expect((await round()).hash.get('access_token')).not.toBeNull();
  });

  test('lets in only addresses of the configured domains', async () => {
    t = await appWith({ emailDomains: ['Company.example'] });
    expect((await round()).hash.get('error_code')).toBe('email_address_not_authorized');
    issuer.accounts.set(login, { login, email: `${login}@company.example.evil.example`, email_verified: true });
    expect((await round()).hash.get('error_code')).toBe('email_address_not_authorized');
    issuer.accounts.set(login, { login, email: `${login}@company.example`, email_verified: true });
    expect((await round()).hash.get('access_token')).not.toBeNull();
  });

  test('keeps a disabled account out', async () => {
    const user = await userOf((await round()).hash.get('access_token'));
    await t.client.execute({ sql: 'update accounts set disabled_at = 1 where id = ?', args: [user.id] });
    expect((await round()).hash.get('error_code')).toBe('user_banned');
  });

  test('comes back once: a replayed or made-up address is refused', async () => {
    const back = await issuer.signIn(await leave(), login);
    expect((await comeBack(back)).hash.get('access_token')).not.toBeNull();
    const replayed = await comeBack(back);
    expect(replayed.hash.get('error_code')).toBe('bad_oauth_state');
    expect(replayed.to.origin).toBe(testPublicUrl);

    const other = await issuer.signIn(await leave(), login);
    other.searchParams.set('code', back.searchParams.get('code') ?? '');
    expect((await comeBack(other)).hash.get('error_description')).toBe('Unable to exchange external code');
    // and that flow is over as well
    expect((await comeBack(other)).hash.get('error_code')).toBe('bad_oauth_state');
  });

  test('lets one of two win who come back by the same address at the same time', async () => {
    const back = await issuer.signIn(await leave(), login);
    const both = await Promise.all([comeBack(back), comeBack(back)]);
    expect(both.filter(({ hash }) => hash.has('access_token'))).toHaveLength(1);
  });

  test('gives up after ten minutes', async () => {
    const back = await issuer.signIn(await leave(), login);
    t.clock.advance(10 * 60_000);
    expect((await comeBack(back)).hash.get('error_code')).toBe('bad_oauth_state');
  });

  test('says what the issuer refused', async () => {
    const state = new URL(await leave()).searchParams.get('state') ?? '';
    const back = new URL(callback);
    back.search = new URLSearchParams({ state, error: 'access_denied', error_description: 'No <b>thanks' }).toString();
    expect(Object.fromEntries((await comeBack(back)).hash)).toEqual({
      error: 'access_denied',
      error_code: 'bad_oauth_callback',
      error_description: 'No <b>thanks',
    });
  });

  test('sends sessions to no other origin', async () => {
    for (const redirect_to of ['http://evil.test/', 'http://studio.test.evil.test/', '//evil.test', 'javascript:1']) {
      expect((await round({ redirect_to })).to.origin).toBe(testPublicUrl);
    }
  });

  test('keeps state and verifier unreadable, and no token or code in the log', async () => {
    const address = new URL(await leave());
    const state = address.searchParams.get('state') ?? '';
    const { rows } = await t.client.execute('select * from oauth_flows');
    expect(JSON.stringify(rows)).not.toContain(state);
    expect(
      rows.every(({ verifier }) => String(verifier).startsWith('v1.test.') || !String(verifier).includes('.')),
    ).toBe(true);
    const back = await issuer.signIn(address.href, login);
    back.searchParams.set('code', 'wrong');
    await comeBack(back);
    expect(JSON.stringify(t.logged)).toContain('was not believed');
    expect(JSON.stringify(t.logged)).not.toContain(state);
    expect(JSON.stringify(t.logged)).not.toContain(issuer.clientSecret);
  });

  describe('with a client that fetches its session (PKCE)', () => {
    const begun = async () => {
      const auth = authClient(t, { flowType: 'pkce' });
      const { data } = await auth.signInWithOAuth({
        // a name of the operator's choice
        provider: 'house' as 'github',
        options: { redirectTo: studio, skipBrowserRedirect: true },
      });
      const left = await t.app.request(data.url ?? '');
      const { to } = await comeBack(await issuer.signIn(left.headers.get('location') ?? '', login));
      return { auth, to, code: to.searchParams.get('code') ?? '' };
    };

    test('gives a code in the query and the session for it, once', async () => {
      const { auth, to, code } = await begun();
      expect([to.hash, code.length]).toEqual(['', 43]);
      const { data, error } = await auth.exchangeCodeForSession(code);
      expect([error, data.user?.email]).toEqual([null, email]);
      expect((await asked(data.session?.access_token ?? '', '/platform/profile')).status).toBe(200);
      const { body, status } = await exchange(code, 'x'.repeat(43));
      expect([status, body]).toMatchObject([404, { error_code: 'flow_state_not_found' }]);
    });

    const exchange = (auth_code: string, code_verifier: string) =>
      send(t, null, 'POST', '/auth/v1/token?grant_type=pkce', { auth_code, code_verifier });

    test('gives nothing for a stolen code, nor for it afterwards', async () => {
      const { auth, code } = await begun();
      const stolen = await exchange(code, 'y'.repeat(43));
      expect([stolen.status, stolen.body]).toMatchObject([400, { error_code: 'bad_code_verifier' }]);
      expect((await auth.exchangeCodeForSession(code)).error?.code).toBe('flow_state_not_found');
    });

    test('waits five minutes', async () => {
      const { auth, code } = await begun();
      t.clock.advance(5 * 60_000);
      expect((await auth.exchangeCodeForSession(code)).error?.code).toBe('flow_state_expired');
    });

    test.each([
      { code_challenge: 'x'.repeat(43) },
      { code_challenge_method: 's256' },
      { code_challenge: 'short', code_challenge_method: 's256' },
      { code_challenge: 'x'.repeat(43), code_challenge_method: 's512' },
    ])('is refused half a challenge: %j', async (half) => {
      const search = new URLSearchParams({ provider: 'house', ...(half as Record<string, string>) });
      const response = await t.app.request(`/auth/v1/authorize?${search}`);
      expect([response.status, await response.json()]).toMatchObject([400, { error_code: 'validation_failed' }]);
    });
  });

  test('is a way in that can be given up, unless it is the last', async () => {
    const person = await createPerson(t);
    issuer.accounts.set(login, { login, email: person.email, email_verified: true });
    const user = await userOf((await round()).hash.get('access_token'));
    const id = user.identities[1].identity_id;
    const stranger = await createPerson(t);
    expect((await send(t, stranger, 'DELETE', `/auth/v1/user/identities/${id}`)).status).toBe(404);
    expect((await send(t, person, 'DELETE', `/auth/v1/user/identities/${id}`)).status).toBe(200);
    expect((await userOf(person.token)).app_metadata.providers).toEqual(['email']);
    expect(await actions(person.accountId)).toEqual(['account.sign-in', 'identity.link', 'identity.unlink']);

    issuer.accounts.set(login, { login, email, email_verified: true });
    const token = (await round()).hash.get('access_token');
    const only = (await userOf(token)).identities[0].identity_id;
    const headers = { authorization: `Bearer ${token}` };
    const answer = await send(t, { ...person, headers }, 'DELETE', `/auth/v1/user/identities/${only}`);
    expect([answer.status, answer.body]).toMatchObject([422, { error_code: 'single_identity_not_deletable' }]);
  });

  test('is told of in the settings, and no other provider is', async () => {
    const { body } = await send(t, null, 'GET', '/auth/v1/settings');
    expect(body).toMatchObject({ external: { email: true, phone: false, house: true } });
    for (const provider of ['google', '', '__proto__']) {
      const { status, body: refused } = await send(t, null, 'GET', `/auth/v1/authorize?provider=${provider}`);
      expect([status, refused]).toMatchObject([
        400,
        { error_code: 'validation_failed', msg: 'Unsupported provider: provider is not enabled' },
      ]);
    }
  });

  test('a browser that cannot be sent there comes back to its page with the reason', async () => {
    const page = 'http://studio.test/sign-in-mfa?method=github';
    const path = `/auth/v1/authorize?${new URLSearchParams({ provider: 'github', redirect_to: page })}`;
    const headers = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    const back = await t.app.request(path, { headers });
    expect(back.status).toBe(302);
    const address = new URL(back.headers.get('location') ?? '');
    expect(`${address.origin}${address.pathname}${address.search}`).toBe(page);
    expect(Object.fromEntries(new URLSearchParams(address.hash.slice(1)))).toEqual({
      error: 'invalid_request',
      error_code: 'validation_failed',
      error_description: 'Unsupported provider: provider is not enabled',
    });
    const challenge = `code_challenge=${'a'.repeat(43)}&code_challenge_method=s256`;
    const pkce = await t.app.request(`${path}&${challenge}`, { headers });
    expect(new URL(pkce.headers.get('location') ?? '').searchParams.get('error_code')).toBe('validation_failed');
    const elsewhere = await t.app.request(path.replace('studio.test', 'evil.test'), { headers });
    expect(elsewhere.headers.get('location')).not.toContain('evil');
    // a program reads the answer itself
    expect((await t.app.request(path, { headers: { accept: 'application/json' } })).status).toBe(400);
  });

  test('says so when the issuer is not there', async () => {
    t = await appWith({ issuer: 'http://127.0.0.1:9' });
    const { status, body } = await send(t, null, 'GET', '/auth/v1/authorize?provider=house');
    expect([status, body]).toMatchObject([503, { error_code: 'unexpected_failure' }]);
  });

  test('refuses single sign-on, id tokens and linking by hand in words of the client', async () => {
    const person = await createPerson(t);
    const sso = await authClient(t).signInWithSSO({ domain: 'example.com' });
    expect(sso.error).toMatchObject({ status: 404, code: 'sso_provider_not_found' });
    const byToken = await authClient(t).signInWithIdToken({ provider: 'google', token: 'x' });
    expect(byToken.error).toMatchObject({ status: 400, code: 'provider_disabled' });
    const linking = await send(t, person, 'GET', '/auth/v1/user/identities/authorize?provider=house');
    expect([linking.status, linking.body]).toMatchObject([404, { error_code: 'manual_linking_disabled' }]);
  });
});
