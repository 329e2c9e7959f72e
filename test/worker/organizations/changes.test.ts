import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { clientOf } from '../../support/client.ts';
import { contractMissing, loadContract } from '../../support/contract.ts';
import {
  createHost,
  createOrganization,
  createPerson,
  createProject,
  type Person,
  type TestHost,
  type TestOrganization,
} from '../../support/people.ts';
import { send } from '../../support/requests.ts';

describe('an organization', () => {
  let t: TestApp;
  let host: TestHost;
  let owner: Person;
  let administrator: Person;
  let organization: TestOrganization;
  let path: string;

  beforeAll(async () => {
    t = await createTestApp();
    host = await createHost(t);
  });
  beforeEach(async () => {
    [owner, administrator] = await Promise.all([createPerson(t), createPerson(t)]);
    organization = await createOrganization(t, [
      { person: owner, role: 'Owner' },
      { person: administrator, role: 'Administrator' },
    ]);
    path = `/platform/organizations/${organization.slug}`;
  });

  const stored = async () => {
    const { rows } = await t.client.execute({
      sql: 'select id, slug, name, opt_in_tags, requires_mfa from organizations where id = ?',
      args: [organization.id],
    });
    return rows[0] === undefined ? null : { ...rows[0] };
  };
  const audited = async () => {
    const { rows } = await t.client.execute({
      sql: "select action, target, details from audit_entries where organization_id = ? and action <> 'access.refused' order by id",
      args: [organization.id],
    });
    return rows.map(({ action, target, details }) => [action, target, JSON.parse(String(details))]);
  };
  const showFactor = ({ sessionId }: Person) =>
    t.client.execute({ sql: "update sessions set aal = 'aal2' where id = ?", args: [sessionId] });

  test('is renamed in two round trips, audited with what it was called', async () => {
    t.roundTrips.reset();
    const { status, body } = await send(t, administrator, 'PATCH', path, { name: 'Better' });
    expect([status, t.roundTrips.count]).toEqual([200, 2]);
    expect(body).toMatchObject({ id: organization.id, slug: organization.slug, name: 'Better', opt_in_tags: [] });
    if (contractMissing === null) loadContract().expectConforms('PATCH', '/platform/organizations/{slug}', 200, body);
    expect(await audited()).toEqual([
      ['organization.update', organization.slug, { nameFrom: organization.name, nameTo: 'Better' }],
    ]);
    await send(t, administrator, 'PATCH', path, { name: 'Better' });
    expect(await audited()).toHaveLength(1);
  });

  test('keeps what Studio’s assistant may be told', async () => {
    const tags = ['AI_SQL_GENERATOR_OPT_IN', 'AI_LOG_GENERATOR_OPT_IN'];
    expect((await send(t, owner, 'PATCH', path, { opt_in_tags: tags })).body).toMatchObject({
      name: organization.name,
      opt_in_tags: tags,
    });
    expect((await send(t, owner, 'GET', path)).body).toMatchObject({ opt_in_tags: tags });
    expect((await send(t, owner, 'GET', '/platform/organizations')).body).toMatchObject([{ opt_in_tags: tags }]);
    expect((await send(t, owner, 'GET', path.replace('/platform', '/v1'))).body).toMatchObject({ opt_in_tags: tags });
    expect((await send(t, owner, 'PATCH', path, { opt_in_tags: ['OTHER'] })).status).toBe(400);
  });

  test.each(['billing_email', 'additional_billing_emails'])('has no %s, and says so', async (field) => {
    const body = { [field]: field === 'billing_email' ? 'a@example.com' : ['a@example.com'], name: 'Not this' };
    const { status, body: said } = await send(t, owner, 'PATCH', path, body);
    expect([status, said]).toMatchObject([400, { message: expect.stringContaining(field) }]);
    expect((await stored())?.name).toBe(organization.name);
  });

  test('is changed in what is asked for only', async () => {
    const before = await stored();
    const body = { id: 1, slug: 'mine', organization_id: 1, role: 'Owner', requires_mfa: true, project_count: 9 };
    expect((await send(t, owner, 'PATCH', path, body)).status).toBe(200);
    expect(await stored()).toEqual(before);
    expect(await audited()).toEqual([]);
  });

  test('with projects is not deleted, and says how many there are', async () => {
    const { ref } = await createProject(t, organization, host);
    await createProject(t, organization, host, { power: 'removed' });
    const { status, body } = await send(t, owner, 'DELETE', path);
    expect([status, body]).toMatchObject([409, { message: expect.stringContaining('2 projects') }]);
    await t.client.execute({ sql: 'delete from projects where organization_id = ?', args: [organization.id] });
    expect((await send(t, owner, 'GET', `/platform/projects/${ref}`)).status).toBe(404);
    expect((await send(t, owner, 'DELETE', path)).status).toBe(200);
  });

  test('is deleted with everything that hangs on it, by an Owner; the audit log keeps it', async () => {
    const { id } = organization;
    await send(t, owner, 'POST', `${path}/members/invitations`, { email: 'kim@example.com', role_id: 3 });
    await t.client.batch(
      [
        {
          sql: `insert into access_tokens (account_id, name, hash, alias, created_at, is_limited) values (?, 'x', ?, 'x', 0, 1)`,
          args: [owner.accountId, owner.accountId],
        },
        {
          sql: 'insert into access_token_resources (token_id, organization_id) select id, ? from access_tokens where hash = ?',
          args: [id, owner.accountId],
        },
      ],
      'write',
    );
    expect((await send(t, administrator, 'DELETE', path)).status).toBe(403);
    t.roundTrips.reset();
    expect((await send(t, owner, 'DELETE', path)).status).toBe(200);
    expect(t.roundTrips.count).toBe(2);
    expect((await send(t, owner, 'GET', path)).status).toBe(404);
    expect((await send(t, owner, 'DELETE', path)).status).toBe(404);
    for (const table of ['memberships', 'invitations', 'access_token_resources', 'project_roles']) {
      const { rows } = await t.client.execute({ sql: `select 1 from ${table} where organization_id = ?`, args: [id] });
      expect([table, rows]).toEqual([table, []]);
    }
    const { rows } = await t.client.execute({
      sql: 'select 1 from access_tokens where hash = ?',
      args: [owner.accountId],
    });
    expect(rows).toEqual([]);
    expect((await audited()).at(-1)).toEqual(['organization.delete', organization.slug, { name: organization.name }]);
  });

  test('is not deleted under a project that is made at the same time', async () => {
    const [deleted] = await Promise.all([
      send(t, owner, 'DELETE', path),
      createProject(t, organization, host).catch(() => null),
    ]);
    const { rows } = await t.client.execute({
      sql: 'select count(*) as count from projects where organization_id = ?',
      args: [organization.id],
    });
    expect((await stored()) === null).toBe(deleted.status === 200);
    if (deleted.status === 200) expect(rows[0]?.count).toBe(0);
  });

  describe('that wants a second factor', () => {
    const mfa = (who: Person, enforced: boolean) =>
      send(t, who, 'PATCH', `${path}/members/mfa/enforcement`, { enforced });
    const isEnforced = (who: Person) => send(t, who, 'GET', `${path}/members/mfa/enforcement`);

    test('is made so by an Owner who has shown theirs, and lets in nobody without from then on', async () => {
      const without = await mfa(owner, true);
      expect([without.status, without.body]).toMatchObject([403, { message: expect.stringContaining('multi-factor') }]);
      expect((await isEnforced(owner)).body).toEqual({ enforced: false });
      expect((await mfa(administrator, true)).status).toBe(403);
      await showFactor(owner);
      t.roundTrips.reset();
      const enforced = await mfa(owner, true);
      expect([enforced.status, enforced.body, t.roundTrips.count]).toEqual([201, { enforced: true }, 2]);
      if (contractMissing === null) {
        const route = '/platform/organizations/{slug}/members/mfa/enforcement';
        loadContract().expectConforms('PATCH', route, 201, enforced.body);
        loadContract().expectConforms('GET', route, 201, (await isEnforced(owner)).body);
      }
      expect((await send(t, owner, 'GET', path)).status).toBe(200);
      expect((await send(t, administrator, 'GET', path)).status).toBe(403);
      expect((await send(t, administrator, 'GET', '/platform/organizations')).body).toMatchObject([
        { slug: organization.slug, organization_requires_mfa: true },
      ]);
      expect(await audited()).toEqual([['organization.enforce-mfa', organization.slug, { from: false, to: true }]]);
    });

    test('is left without one, and not changed by a token of its Owner', async () => {
      await t.client.execute({
        sql: 'update organizations set requires_mfa = 1 where id = ?',
        args: [organization.id],
      });
      const own = `${path}/members/${administrator.accountId}`;
      expect((await send(t, administrator, 'DELETE', own)).status).toBe(200);
      await t.client.execute({
        sql: 'update organizations set requires_mfa = 0 where id = ?',
        args: [organization.id],
      });
      const { token } = await clientOf(t, owner.token).tokens.create.mutate({ name: 'ci' });
      const byToken = { ...owner, headers: { authorization: `Bearer ${token}` } };
      expect((await mfa(byToken, true)).status).toBe(403);
    });

    test('may be renamed at the same time', async () => {
      await showFactor(owner);
      await Promise.all([mfa(owner, true), send(t, owner, 'PATCH', path, { name: 'At once' })]);
      expect(await stored()).toMatchObject({ name: 'At once', requires_mfa: 1 });
    });
  });

  describe('changes hands', () => {
    const transfer = (who: Person, to: string) =>
      clientOf(t, who.token).organizations.transfer.mutate({ slug: organization.slug, to });
    const roles = async () => {
      const { rows } = await t.client.execute({
        sql: 'select account_id, role from memberships where organization_id = ?',
        args: [organization.id],
      });
      return Object.fromEntries(rows.map((row) => [String(row.account_id), row.role]));
    };

    test('in one step, by its Owner', async () => {
      t.roundTrips.reset();
      expect(await transfer(owner, administrator.email)).toMatchObject({ id: administrator.accountId, role: 'Owner' });
      expect(t.roundTrips.count).toBe(2);
      expect(await roles()).toEqual({ [owner.accountId]: 'Administrator', [administrator.accountId]: 'Owner' });
      expect(await audited()).toEqual([
        [
          'organization.transfer',
          organization.slug,
          { from: owner.accountId, to: administrator.accountId, toWas: 'Administrator' },
        ],
      ]);
    });

    test('by nobody else, and to no stranger, no disabled account and not to oneself', async () => {
      const stranger = await createPerson(t);
      await expect(transfer(administrator, administrator.email)).rejects.toMatchObject({ code: 'forbidden' });
      await expect(transfer(owner, stranger.email)).rejects.toMatchObject({ code: 'not_found' });
      await expect(transfer(owner, owner.email)).rejects.toMatchObject({ code: 'wrong_state' });
      await t.client.execute({
        sql: 'update accounts set disabled_at = 1 where id = ?',
        args: [administrator.accountId],
      });
      await expect(transfer(owner, administrator.email)).rejects.toMatchObject({ code: 'wrong_state' });
      expect(await roles()).toEqual({ [owner.accountId]: 'Owner', [administrator.accountId]: 'Administrator' });
    });

    test('to two at the same time: one of them', async () => {
      const other = await createPerson(t);
      await t.client.execute({
        sql: "insert into memberships (organization_id, account_id, role, created_at) values (?, ?, 'Developer', 0)",
        args: [organization.id, other.accountId],
      });
      await Promise.allSettled([transfer(owner, administrator.email), transfer(owner, other.email)]);
      const found = await roles();
      expect(Object.values(found).filter((role) => role === 'Owner')).toHaveLength(1);
      expect(found[owner.accountId]).toBe('Administrator');
    });
  });

  test('is what the Management API says as well', async () => {
    const v1 = path.replace('/platform', '/v1');
    for (const [suffix, expected] of [
      ['', { id: organization.slug, name: organization.name, plan: 'enterprise' }],
      ['/members', [{ role_name: expect.any(String) }, { mfa_enabled: false }]],
      ['/projects', { projects: [], pagination: { count: 0 } }],
      ['/entitlements', { entitlements: expect.any(Array) }],
    ] as const) {
      t.roundTrips.reset();
      const { status, body } = await send(t, owner, 'GET', `${v1}${suffix}`);
      expect([suffix, status, t.roundTrips.count, body]).toMatchObject([suffix, 200, 1, expected]);
      // one of its features matches two of the three shapes there, whatever it is
      if (contractMissing !== null || suffix === '/entitlements') continue;
      loadContract().expectConforms('GET', `/v1/organizations/{slug}${suffix}`, 200, body);
    }
  });
});
