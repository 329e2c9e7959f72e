import { beforeAll, describe, expect, test } from 'vitest';
import { createAccessToken } from '../../../worker/accounts/create-access-token.ts';
import { listAccessTokens } from '../../../worker/accounts/list-access-tokens.ts';
import { revokeAccessToken } from '../../../worker/accounts/revoke-access-token.ts';
import { sha256Hex } from '../../../worker/auth/digest.ts';
import type { Ctx } from '../../../worker/deps.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { createPerson, type Person } from '../../support/people.ts';

const request = { id: 'test', address: null, userAgent: null };
const day = 24 * 3600 * 1000;

describe('a personal access token', () => {
  let t: TestApp;
  let owner: Person;
  let stranger: Person;

  beforeAll(async () => {
    t = await createTestApp();
    [owner, stranger] = await Promise.all([createPerson(t), createPerson(t)]);
  });

  const ctx = (person: Person): Ctx => ({
    deps: t.deps,
    credential: { kind: 'session', id: person.sessionId },
    request,
  });
  const profile = async (token: string) =>
    (await t.app.request('/platform/profile', { headers: { authorization: `Bearer ${token}` } })).status;

  test('is told once, kept as a hash, and opens the API until it is revoked', async () => {
    t.roundTrips.reset();
    const created = await createAccessToken(ctx(owner), { name: 'ci', expiresAt: null });
    expect(t.roundTrips.count).toBe(2);
    expect(created.token).toMatch(/^sbp_[0-9a-f]{40}$/);
    expect(await profile(created.token)).toBe(200);
    const listed = await listAccessTokens(ctx(owner));
    expect(listed.map(({ id, name }) => ({ id, name }))).toEqual([{ id: created.id, name: 'ci' }]);
    const { rows } = await t.client.execute('select * from access_tokens');
    expect(JSON.stringify([rows, listed])).not.toContain(created.token);

    await expect(revokeAccessToken(ctx(stranger), { id: created.id })).rejects.toMatchObject({ code: 'not_found' });
    t.roundTrips.reset();
    await revokeAccessToken(ctx(owner), { id: created.id });
    expect(t.roundTrips.count).toBe(2);
    expect(await profile(created.token)).toBe(401);
    await expect(revokeAccessToken(ctx(owner), { id: created.id })).rejects.toMatchObject({ code: 'not_found' });
    const { rows: audit } = await t.client.execute({
      sql: 'select action from audit_entries where actor_id = ? order by id',
      args: [owner.accountId],
    });
    expect(audit.map((row) => row.action)).toEqual(['access-token.create', 'access-token.revoke']);
  });

  test('ends on its day', async () => {
    const { token } = await createAccessToken(ctx(owner), { name: 'short', expiresAt: t.clock.now() + 1000 });
    expect(await profile(token)).toBe(200);
    t.clock.advance(1000);
    expect(await profile(token)).toBe(401);
  });

  test.each([
    ['in the past', -1],
    ['now', 0],
    ['in two years', 730 * day],
  ])('cannot expire %s', async (_, fromNowMs) => {
    const expiresAt = t.clock.now() + fromNowMs;
    await expect(createAccessToken(ctx(owner), { name: 'odd', expiresAt })).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('expires_at'),
    });
  });

  test('makes no further tokens and signs nobody out', async () => {
    const { token } = await createAccessToken(ctx(owner), { name: 'thief', expiresAt: null });
    const byToken: Ctx = { ...ctx(owner), credential: { kind: 'token', id: await sha256Hex(token) } };
    await expect(createAccessToken(byToken, { name: 'more', expiresAt: null })).rejects.toMatchObject({
      code: 'forbidden',
    });
    const headers = { authorization: `Bearer ${token}` };
    expect((await t.app.request('/auth/v1/logout', { method: 'POST', headers })).status).toBe(403);
    expect((await t.app.request('/auth/v1/user', { headers: owner.headers })).status).toBe(200);
  });

  test('is one of at most a hundred, also when the last ones are made at once', async () => {
    const hoarder = await createPerson(t);
    await t.client.execute({
      sql: `with recursive n(i) as (select 1 union all select i + 1 from n where i < 98)
            insert into access_tokens (account_id, name, hash, alias, created_at) select ?, i, ? || i, i, 1 from n`,
      args: [hoarder.accountId, hoarder.accountId],
    });
    const made = await Promise.allSettled(
      [1, 2, 3, 4, 5].map((index) => createAccessToken(ctx(hoarder), { name: `token ${index}`, expiresAt: null })),
    );
    expect(made.filter(({ status }) => status === 'fulfilled').length).toBe(2);
    for (const result of made) if (result.status === 'rejected') expect(result.reason.code).toBe('conflict');
    expect((await listAccessTokens(ctx(hoarder))).length).toBe(100);
  });
});
