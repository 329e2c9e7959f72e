import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditLogStore } from '../../../worker/store/audit-log.ts';
import { refusalStore } from '../../../worker/store/refusals.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { clientOf } from '../../support/client.ts';
import { type OwnDatabase, startOwnDatabase } from '../../support/own-database.ts';
import { createPerson, type Person } from '../../support/people.ts';
import { recordStatements } from '../../support/query-plans.ts';
import { send } from '../../support/requests.ts';
import { type ChainedOrganization, createChained } from './chained.ts';

describe('the audit log', () => {
  let t: TestApp;
  let owner: Person;
  let other: Person;
  let organization: ChainedOrganization;
  let middle: number;
  // other suites write at times of their own
  let database: OwnDatabase;

  beforeAll(async () => {
    database = await startOwnDatabase();
    t = database.use(await createTestApp());
    [owner, other] = await Promise.all([createPerson(t), createPerson(t)]);
    organization = await createChained(t, owner, 2);
    await t.client.execute({
      sql: "insert into memberships (organization_id, account_id, role, created_at) values (?, ?, 'Administrator', 0)",
      args: [organization.id, other.accountId],
    });
    t.clock.advance(60_000);
    middle = t.clock.now();
    t.clock.advance(60_000);
    await clientOf(t, other.token).projects.rename.mutate({ ref: organization.ref, name: 'by another' });
    await clientOf(t, other.token).projects.pause.mutate({ ref: organization.ref });
  });

  afterAll(() => database.stop());

  const list = async (filter: Record<string, string>) => {
    const { items } = await clientOf(t, owner.token).audit.list.query({ organization: organization.slug, ...filter });
    return items.map(({ sequence }) => sequence);
  };

  test('is found by who, what, where and when, and by several of them', async () => {
    const time = new Date(middle).toISOString();
    expect(await list({})).toEqual([5, 4, 3, 2, 1]);
    expect(await list({ actor: other.accountId })).toEqual([5, 4]);
    expect(await list({ actor: other.email.toUpperCase() })).toEqual([5, 4]);
    expect(await list({ actor: 'nobody' })).toEqual([]);
    expect(await list({ action: 'project.update' })).toEqual([4, 3, 2]);
    expect(await list({ project: organization.ref })).toEqual([5, 4, 3, 2]);
    expect(await list({ since: time })).toEqual([5, 4]);
    expect(await list({ until: time })).toEqual([3, 2, 1]);
    expect(await list({ since: time, until: time })).toEqual([]);
    expect(await list({ since: time, action: 'project.update', actor: other.email })).toEqual([4]);
    await expect(list({ action: 'project.bogus' })).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(list({ since: 'yesterday' })).rejects.toMatchObject({ code: 'invalid_input' });
  });

  test('names who did it by their address', async () => {
    const { items } = await clientOf(t, owner.token).audit.list.query({ organization: organization.slug, limit: 1 });
    expect(items[0]).toMatchObject({
      actor: { kind: 'account', id: other.accountId, email: other.email },
      route: 'POST /trpc/projects.pause',
      credential: 'session',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test('is gone through by an index whatever is asked for, and whatever time', async () => {
    const { database, plansOf } = recordStatements(t.client);
    const store = auditLogStore(database);
    const credential = { kind: 'session', id: owner.sessionId } as const;
    const none = { actor: null, action: null, target: null, since: null, until: null, before: 1e15, limit: 10 };
    const now = t.clock.now();
    for (const filter of [
      {},
      { actor: 'x' },
      { action: 'project.update' },
      { target: 'x' },
      { since: 1, until: 2 },
      { actor: 'x', since: 1 },
    ]) {
      await store.entriesOfOrganization(credential, organization.slug, { ...none, ...filter }, now);
    }
    await store.entriesOfAccount(credential, { ...none, since: 1, until: 2 }, now);
    const plans = await plansOf(/"audit_entries"/);
    const indexes = plans.map((plan) => /SEARCH audit_entries USING (?:COVERING )?INDEX (\w+)/.exec(plan)?.[1]);
    expect(indexes).toEqual([
      'audit_entries_by_organization',
      'audit_entries_by_actor',
      'audit_entries_by_action',
      'audit_entries_by_target',
      'audit_entries_by_organization',
      'audit_entries_by_actor',
      'audit_entries_by_actor',
    ]);
    for (const plan of plans) expect(plan).not.toMatch(/SCAN (?!CONSTANT)|TEMP B-TREE/);
  });

  test('finds out whether a refusal is news by an index', async () => {
    const { database, plansOf } = recordStatements(t.client);
    const refusal = {
      action: 'access.refused',
      organizationId: null,
      actor: { kind: 'account', id: owner.accountId },
      target: 'x',
      details: {},
    } as const;
    await refusalStore(database).record(refusal, { id: 'x', address: null, userAgent: null }, t.clock.now());
    const [plan] = await plansOf(/^select \(select count/);
    expect(plan).toMatch(/SEARCH audit_entries USING INDEX audit_entries_by_actor/);
  });

  describe("on Studio's pages", () => {
    const range = (start: number, end: number) =>
      `iso_timestamp_start=${new Date(start).toISOString()}&iso_timestamp_end=${new Date(end).toISOString()}`;

    test('of an organization is what was done within a time, in one round trip', async () => {
      t.roundTrips.reset();
      const path = `/platform/organizations/${organization.slug}/audit?${range(middle, t.clock.now())}`;
      const { status, body } = await send(t, owner, 'GET', path);
      expect([status, t.roundTrips.count]).toEqual([200, 1]);
      expect(body).toMatchObject({
        retention_period: 36_500,
        result: [
          {
            action: { name: 'project.pause', metadata: [{ method: 'POST', route: '/trpc/projects.pause' }] },
            actor: { id: other.accountId, type: 'user', metadata: [{ email: other.email }] },
            target: {
              description: organization.ref,
              metadata: { org_slug: organization.slug, project_ref: organization.ref, ref: organization.ref },
            },
            occurred_at: new Date(t.clock.now()).toISOString(),
            timestamp: t.clock.now() * 1000,
            organization_slug: organization.slug,
            project_ref: organization.ref,
          },
          { action: { name: 'project.update' } },
        ],
      });
    });

    test('of an account is what it did itself, wherever', async () => {
      const elsewhere = await createChained(t, other, 0);
      const { status, body } = await send(t, other, 'GET', `/platform/profile/audit?${range(0, t.clock.now())}`);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        result: [
          { action: { name: 'organization.create' }, organization_slug: elsewhere.slug },
          { action: { name: 'project.pause' } },
          { action: { name: 'project.update' } },
        ],
      });
    });

    test('says how long entries are kept, where that is limited', async () => {
      t.deps.config.auditRetentionDays = 62;
      const { body } = await send(t, other, 'GET', '/platform/profile/audit');
      expect(body).toMatchObject({ retention_period: 62 });
      t.deps.config.auditRetentionDays = null;
    });

    test('is refused in a word that Studio knows when it is too much to show at once', async () => {
      const crowded = await createChained(t, owner, 0);
      await t.client.execute({
        sql: `with recursive n(i) as (select 1 union all select i + 1 from n where i < 5001)
              insert into audit_entries (at, organization_id, actor_kind, actor_id, action, target, request_id, details)
              select ?, ?, 'system', 'x', 'project.update', 'x', 'x', '{}' from n`,
        args: [t.clock.now(), crowded.id],
      });
      const { status, body } = await send(t, owner, 'GET', `/platform/organizations/${crowded.slug}/audit`);
      expect([status, body]).toMatchObject([400, { message: expect.stringContaining('range exceeded') }]);
    });
  });
});
