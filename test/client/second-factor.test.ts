import { beforeAll, describe, expect, test } from 'vitest';
import { createClient } from '../../client/index.ts';
import { createTestApp, type TestApp, testPublicUrl } from '../support/app.ts';
import { createPerson, type Person } from '../support/people.ts';

const password = 'correct horse battery';

/** What `/auth/v1/factors` answers stands in here: whether the client asks it as it has to be asked. */
describe('the client of an account with a second factor', () => {
  let t: TestApp;
  let person: Person;
  let asked: { path: string; body: unknown }[];

  beforeAll(async () => {
    t = await createTestApp();
    person = await createPerson(t);
  });

  const client = (factors: object[], code?: () => Promise<string>) => {
    asked = [];
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const request = new Request(input, init);
      const path = new URL(request.url).pathname;
      if (!path.startsWith('/auth/v1/')) return t.app.request(request);
      const body: unknown = await request.clone().json();
      asked.push({ path, body });
      if (path.endsWith('/challenge')) return Response.json({ id: 'the challenge', type: 'totp', expires_at: 1 });
      if (!path.endsWith('/verify')) {
        const session = await (await t.app.request(request)).json();
        return Response.json({ ...session, user: { ...session.user, factors } });
      }
      const isRight = JSON.stringify(body).includes('123456');
      if (!isRight)
        return Response.json({ code: 422, error_code: 'mfa_verification_failed', msg: 'Wrong' }, { status: 422 });
      return Response.json({ access_token: person.token, refresh_token: 'x', expires_in: 3600, user: { factors } });
    };
    return createClient({ url: testPublicUrl, email: person.email, password, fetch, ...(code && { code }) });
  };
  const verified = { id: 'f/1', status: 'verified', factor_type: 'totp' };

  test('asks for a code once, and answers the challenge with it', async () => {
    let times = 0;
    const asking = client([{ id: 'f0', status: 'unverified' }, verified], async () => {
      times += 1;
      return '123456';
    });
    await Promise.all([asking.users.me.query(), asking.system.info.query()]);
    expect(times).toBe(1);
    expect(asked.slice(1)).toEqual([
      { path: '/auth/v1/factors/f%2F1/challenge', body: {} },
      { path: '/auth/v1/factors/f%2F1/verify', body: { challenge_id: 'the challenge', code: '123456' } },
    ]);
  });

  test('asks for none where there is no verified factor', async () => {
    const code = async () => {
      throw new Error('nobody should be asked');
    };
    await client([{ id: 'f0', status: 'unverified' }], code).users.me.query();
    expect(asked.map(({ path }) => path)).toEqual(['/auth/v1/token']);
  });

  test('fails with what a wrong code is told', async () => {
    const me = client([verified], async () => '000000').users.me.query();
    await expect(me).rejects.toMatchObject({ name: 'SupafleetError', message: 'Wrong' });
  });
});
