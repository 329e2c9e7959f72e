import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { clientOf } from '../../support/client.ts';
import { contractMissing, loadContract } from '../../support/contract.ts';
import { type OwnDatabase, startOwnDatabase } from '../../support/own-database.ts';
import { createHost, createOrganization, createPerson, createProject, type Person } from '../../support/people.ts';
import { send } from '../../support/requests.ts';

const wire = z.array(
  z.object({
    id: z.uuid(),
    name: z.string(),
    status: z.string(),
    priority: z.string(),
    data: z.object({ title: z.string(), message: z.string(), actions: z.array(z.unknown()) }),
  }),
);

describe('notifications', () => {
  let t: TestApp;
  let database: OwnDatabase;
  let person: Person;
  let other: Person;
  let operator: Person;

  beforeAll(async () => {
    database = await startOwnDatabase();
    t = database.use(await createTestApp());
    [person, other, operator] = await Promise.all([
      createPerson(t),
      createPerson(t),
      createPerson(t, { isOperator: true }),
    ]);
  });
  afterAll(() => database.stop());

  const add = async (
    { accountId }: Person,
    values: { priority?: string; status?: string; slug?: string; ref?: string; age?: number } = {},
  ) => {
    const id = crypto.randomUUID();
    await t.client.execute({
      sql: `insert into notifications (id, account_id, name, priority, status, organization_slug, project_ref, data, created_at)
            values (?, ?, 'x', ?, ?, ?, ?, '{"title":"T","message":"M","actions":[]}', ?)`,
      args: [
        id,
        accountId,
        values.priority ?? 'Info',
        values.status ?? 'new',
        values.slug ?? null,
        values.ref ?? null,
        t.clock.now() - (values.age ?? 0),
      ],
    });
    return id;
  };
  const list = async (who: Person, query = '') =>
    wire.parse((await send(t, who, 'GET', `/platform/notifications${query}`)).body);

  test('are one’s own, the newest first, filtered as Studio asks, in one round trip', async () => {
    const old = await add(person, { age: 2, priority: 'Critical', slug: 'acme' });
    const seen = await add(person, { age: 1, status: 'seen', ref: 'x'.repeat(20) });
    const put = await add(person, { age: 3, status: 'archived', priority: 'Warning' });
    await add(other);
    const idsOf = async (query: string) => (await list(person, query)).map(({ id }) => id);
    t.roundTrips.reset();
    expect(await idsOf('?offset=0&limit=20&status=new,seen')).toEqual([seen, old]);
    expect(t.roundTrips.count).toBe(1);
    expect(await idsOf('')).toEqual([seen, old, put]);
    expect(await idsOf('?status=new&status=archived')).toEqual([old, put]);
    expect(await idsOf('?priority=Critical,Warning')).toEqual([old, put]);
    expect(await idsOf('?org_slug=acme')).toEqual([old]);
    expect(await idsOf(`?project_ref=${'x'.repeat(20)}`)).toEqual([seen]);
    expect(await idsOf('?limit=1&offset=1')).toEqual([old]);
    expect((await send(t, person, 'GET', '/platform/notifications?status=loud')).status).toBe(400);
    expect((await send(t, person, 'GET', '/platform/notifications/summary')).body).toEqual({
      unread_count: 1,
      has_warning: false,
      has_critical: true,
    });
    if (contractMissing !== null) return;
    const { body } = await send(t, person, 'GET', '/platform/notifications');
    loadContract().expectConforms('GET', '/platform/notifications', 200, body);
  });

  test('are marked by whom they are for', async () => {
    const [mine, theirs] = [await add(person), await add(other)];
    const body = [mine, theirs].map((id) => ({ id, status: 'seen' }));
    const { status, body: marked } = await send(t, person, 'PATCH', '/platform/notifications', body);
    expect(status).toBe(200);
    expect(wire.parse(marked).map(({ id, status: now }) => [id, now])).toEqual([[mine, 'seen']]);
    expect((await list(other)).find(({ id }) => id === theirs)?.status).toBe('new');
    expect((await send(t, person, 'PATCH', '/platform/notifications/archive-all')).status).toBe(200);
    expect(await list(person, '?status=new,seen')).toEqual([]);
    expect((await list(other)).find(({ id }) => id === theirs)?.status).toBe('new');
  });

  test('are not for access tokens that are limited', async () => {
    const { token } = await clientOf(t, other.token).tokens.create.mutate({ name: 'narrow' });
    const narrow = { ...other, headers: { authorization: `Bearer ${token}` } };
    expect(await list(narrow)).not.toEqual([]);
    const limit = (sql: string) =>
      t.client.execute({ sql: `update access_tokens set ${sql} where account_id = ?`, args: [other.accountId] });
    await limit('is_limited = 1');
    expect(await list(narrow)).toEqual([]);
    await limit(`permissions = '["projects_read"]'`);
    expect((await send(t, narrow, 'GET', '/platform/notifications')).status).toBe(403);
  });

  test('tell of a host that fell silent: operators of it, Owners and Administrators of their projects, once', async () => {
    const [owner, developer] = await Promise.all([createPerson(t), createPerson(t)]);
    const organization = await createOrganization(t, [
      { person: owner, role: 'Owner' },
      { person: developer, role: 'Developer' },
    ]);
    await t.client.execute({
      sql: "update organizations set name = 'a *b* [c](d)' where id = ?",
      args: [organization.id],
    });
    const host = await createHost(t);
    await createProject(t, organization, host);
    await createProject(t, organization, host);
    const tick = async () =>
      (await t.app.request('/tick', { method: 'POST', headers: { authorization: 'Bearer tick' } })).json();
    await tick();
    expect(await list(owner)).toEqual([]);
    t.clock.advance(120_000);
    expect(await tick()).toMatchObject({ hosts_lost: 1 });
    await tick();
    const told = await list(owner);
    expect(told).toMatchObject([{ name: 'host.lost', priority: 'Critical', status: 'new' }]);
    expect(told[0]?.data.message).toContain('2 projects of a \\*b\\* \\[c\\](d)');
    expect(await list(owner, `?org_slug=${organization.slug}`)).toHaveLength(1);
    expect((await list(operator)).map(({ data }) => data.message)).toEqual([
      expect.stringContaining(`host-${host.id}`),
    ]);
    expect(await list(developer)).toEqual([]);
  });

  test('go after 90 days', async () => {
    const day = 24 * 60 * 60 * 1000;
    const [old, young] = [await add(operator, { age: 91 * day }), await add(operator, { age: 89 * day })];
    await t.app.request('/tick', { method: 'POST', headers: { authorization: 'Bearer tick' } });
    const ids = (await list(operator)).map(({ id }) => id);
    expect([ids.includes(old), ids.includes(young)]).toEqual([false, true]);
  });
});
