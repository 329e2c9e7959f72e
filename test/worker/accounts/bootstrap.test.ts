import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../../worker/app.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { type OwnDatabase, startOwnDatabase } from '../../support/own-database.ts';

const body = {
  email: 'Admin@Example.com',
  password: 'correct horse battery',
  organization_name: 'Acme "quoted" 🚀',
  access_token: `sbp_${'5a'.repeat(20)}`,
};

describe('the first start', () => {
  let database: OwnDatabase;
  let t: TestApp;

  // the run's shared database has accounts, and this is about having none
  beforeAll(async () => {
    database = await startOwnDatabase();
    t = database.use(await createTestApp({ config: { bootstrapToken: 'first-start-token' } }));
  });

  afterAll(async () => {
    t.client.close();
    await database.stop();
  });

  const post = (token: string | null, input: object = body, app = t.app) =>
    app.request('/bootstrap', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token !== null && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(input),
    });
  const rowsIn = async (table: string) => (await t.client.execute(`select * from ${table}`)).rows;

  test('is nobody else’s: a missing or wrong token is 401, and without one configured there is no such route', async () => {
    expect((await post(null)).status).toBe(401);
    expect((await post('first-start-tokem')).status).toBe(401);
    expect((await post('')).status).toBe(401);
    const without = createApp({ ...t.deps, config: { ...t.deps.config, bootstrapToken: null } });
    expect((await post('first-start-token', body, without)).status).toBe(404);
    expect((await post(null, {}, without)).status).toBe(404);
    expect(await rowsIn('accounts')).toEqual([]);
  });

  test.each([
    ['email', { email: 'nonsense' }],
    ['password', { password: 'short' }],
    ['organization_name', { organization_name: ' ' }],
    ['organization_name', { organization_name: 'line\nbreak' }],
    ['access_token', { access_token: 'sbp_short' }],
  ])('refuses a bad %s by name and makes nothing', async (field, change) => {
    const response = await post('first-start-token', { ...body, ...change });
    expect(response.status).toBe(400);
    expect((await response.json()).message).toContain(field);
    expect(await rowsIn('accounts')).toEqual([]);
  });

  test('happens once, also when asked for at once, and gives all that a first host needs', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => post('first-start-token')));
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409, 409]);
    const made = await answers.find((answer) => answer.status === 201)?.json();
    expect(made).toEqual({
      account_id: expect.any(String),
      organization: expect.stringMatching(/^[a-z]{20}$/),
      access_token: body.access_token,
      enrolment_token: expect.stringMatching(/^sfe_[0-9a-f]{40}$/),
    });
    for (const table of ['accounts', 'organizations', 'memberships', 'access_tokens', 'enrolment_tokens']) {
      expect([table, (await rowsIn(table)).length]).toEqual([table, 1]);
    }
    const everything = JSON.stringify([await rowsIn('access_tokens'), await rowsIn('enrolment_tokens')]);
    for (const secret of [made.access_token, made.enrolment_token]) expect(everything).not.toContain(secret);

    const headers = { authorization: `Bearer ${made.access_token}` };
    const profile = await (await t.app.request('/platform/profile', { headers })).json();
    expect(profile).toMatchObject({ gotrue_id: made.account_id, primary_email: 'admin@example.com' });
    const permissions = await (await t.app.request('/platform/profile/permissions', { headers })).json();
    expect(permissions).toMatchObject([{ organization_slug: made.organization, actions: ['%'], resources: ['%'] }]);
    expect((await rowsIn('audit_entries')).map((row) => row.action)).toEqual([
      'account.create',
      'organization.create',
      'access-token.create',
      'enrolment-token.create',
    ]);
    expect((await rowsIn('organizations'))[0]?.name).toBe(body.organization_name);
  });

  test('is over once there is an account, whoever made it', async () => {
    const again = await post('first-start-token', { ...body, email: 'other@example.com' });
    expect(again.status).toBe(409);
    expect((await rowsIn('accounts')).length).toBe(1);
  });
});
