import { randomInt, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createIdentityProviders } from '../../../../worker/identity/providers.ts';
import { providerSettings } from '../../../../worker/identity/settings.ts';
import { createTestApp, type TestApp, testPublicUrl } from '../../../support/app.ts';
import { type GithubAccount, startGithubDouble } from '../../../support/github-double.ts';
import { createPerson } from '../../../support/people.ts';

describe('signing in by GitHub (a double)', () => {
  let double: Awaited<ReturnType<typeof startGithubDouble>>;
  let t: TestApp;

  beforeAll(async () => {
    double = await startGithubDouble();
    const { url, clientSecret } = double;
    const settings = providerSettings.parse([
      { name: 'github', kind: 'github', clientId: 'Iv1.double', clientSecret, url, apiUrl: url },
    ]);
    const identityProviders = createIdentityProviders(settings, (request) => fetch(request), { now: () => Date.now() });
    t = await createTestApp({ identityProviders, config: { signups: 'open' } });
  });
  afterAll(() => double.stop());

  const address = async () => {
    const search = new URLSearchParams({ provider: 'github', redirect_to: 'http://studio.test/' });
    const response = await t.app.request(`${testPublicUrl}/auth/v1/authorize?${search}`);
    return response.headers.get('location') ?? '';
  };
  const comeBack = async (url: URL) => {
    const response = await t.app.request(url.href);
    return new URLSearchParams(new URL(response.headers.get('location') ?? '').hash.slice(1));
  };
  const userOf = async (hash: URLSearchParams) => {
    const headers = { authorization: `Bearer ${hash.get('access_token')}` };
    return (await t.app.request('/auth/v1/user', { headers })).json();
  };
  const octocat = (emails: GithubAccount['emails']) => ({ id: randomInt(1, 2 ** 40), login: 'octocat', emails });

  test('asks for what is needed and no more', async () => {
    const { pathname, searchParams } = new URL(await address());
    expect(pathname).toBe('/login/oauth/authorize');
    expect(Object.fromEntries(searchParams)).toMatchObject({
      client_id: 'Iv1.double',
      redirect_uri: `${testPublicUrl}/auth/v1/callback`,
      response_type: 'code',
      scope: 'read:user user:email',
      code_challenge_method: 'S256',
    });
  });

  test('takes the primary address, whatever the public one is', async () => {
    const email = `${randomUUID()}@Example.com`;
    const account = octocat([
      { email: 'other@example.com', primary: false, verified: true },
      { email, primary: true, verified: true },
    ]);
    const user = await userOf(await comeBack(double.consent(await address(), account)));
    expect(user).toMatchObject({
      email: email.toLowerCase(),
      identities: [{ provider: 'github', id: String(account.id), identity_data: { user_name: 'octocat' } }],
    });
  });

  test('believes no primary address that GitHub did not verify, even beside a verified one', async () => {
    const person = await createPerson(t);
    const account = octocat([
      { email: person.email, primary: true, verified: false },
      { email: 'mine@example.com', primary: false, verified: true },
    ]);
    const hash = await comeBack(double.consent(await address(), account));
    expect(hash.get('error_code')).toBe('provider_email_needs_verification');
  });

  test('refuses a code that was made for somebody else’s flow', async () => {
    const account = octocat([{ email: `${randomUUID()}@example.com`, primary: true, verified: true }]);
    const theirs = double.consent(await address(), account);
    const mine = double.consent(await address(), account);
    mine.searchParams.set('code', theirs.searchParams.get('code') ?? '');
    expect((await comeBack(mine)).get('error_description')).toBe('Unable to exchange external code');
  });
});
