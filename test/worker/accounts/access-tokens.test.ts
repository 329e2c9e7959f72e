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

  describe('that is used', () => {
    const use = async (token: string, path = '/platform/profile') => {
      const behind: Promise<unknown>[] = [];
      const background = (work: Promise<unknown>) => void behind.push(work);
      t.roundTrips.reset();
      const headers = { authorization: `Bearer ${token}` };
      const response = await t.app.request(path, { headers }, { background });
      const inFront = t.roundTrips.count - behind.length;
      await Promise.all(behind);
      return { status: response.status, inFront, behind: behind.length };
    };
    const lastUsedAt = async (id: number) =>
      (await listAccessTokens(ctx(owner))).find((token) => token.id === id)?.lastUsedAt;

    test('says when, to ten minutes, without a round trip of the request', async () => {
      const { id, token } = await createAccessToken(ctx(owner), { name: 'used', expiresAt: null });
      expect(await lastUsedAt(id)).toBeNull();
      const first = t.clock.now();
      expect(await use(token)).toEqual({ status: 200, inFront: 1, behind: 1 });
      expect(await lastUsedAt(id)).toBe(first);
      t.clock.advance(9 * 60_000);
      expect(await use(token, '/trpc/users.me')).toEqual({ status: 200, inFront: 1, behind: 0 });
      expect(await lastUsedAt(id)).toBe(first);
      t.clock.advance(60_000);
      expect(await use(token, '/v1/organizations')).toEqual({ status: 200, inFront: 1, behind: 1 });
      expect(await lastUsedAt(id)).toBe(first + 600_000);
    });

    test('is not noted when it is refused, and a note that fails is only logged', async () => {
      const { id, token } = await createAccessToken(ctx(owner), { name: 'refused', expiresAt: null });
      expect(await use(token, '/v1/projects/none')).toMatchObject({ behind: 0 });
      expect(await use(`sbp_${'0'.repeat(40)}`)).toMatchObject({ status: 401, behind: 0 });
      const { noteUse } = t.deps.store.accessTokens;
      t.deps.store.accessTokens.noteUse = async () => {
        throw new Error('no database');
      };
      try {
        expect((await use(token)).status).toBe(200);
      } finally {
        t.deps.store.accessTokens.noteUse = noteUse;
      }
      expect(t.logged.filter(({ level }) => level === 'warn')).toHaveLength(1);
      expect(await lastUsedAt(id)).toBeNull();
    });
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
