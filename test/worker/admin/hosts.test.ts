import { beforeAll, describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { clientOf } from '../../support/client.ts';
import { createOrganization, createPerson, createProject, type Person } from '../../support/people.ts';
import { createAgent, enrol } from '../../support/test-agent.ts';

describe('hosts, for operators', () => {
  let t: TestApp;
  let operator: Person;

  beforeAll(async () => {
    t = await createTestApp();
    operator = await createPerson(t, { isOperator: true });
  });
  const client = () => clientOf(t, operator.token);
  const actions = async (target: string) => {
    const sql = 'select action, actor_id from audit_entries where target = ? order by id';
    const { rows } = await t.client.execute({ sql, args: [target] });
    return rows.map((row) => `${row.action} by ${row.actor_id === operator.accountId ? 'operator' : 'itself'}`);
  };

  test('are let in by a token that is made in two round trips and works once', async () => {
    t.roundTrips.reset();
    const { token, expiresAt } = await client().hosts.createEnrolmentToken.mutate();
    expect(t.roundTrips.count).toBe(2);
    expect(Date.parse(expiresAt)).toBe(t.clock.now() + 60 * 60 * 1000);
    expect((await enrol(t, { token })).status).toBe(201);
    expect((await enrol(t, { token })).status).toBe(401);
  });

  test('are waiting, reporting, lost and reporting again, whether or not the tick runs', async () => {
    const agent = await createAgent(t, operator);
    const state = async () => (await client().hosts.get.query({ id: agent.hostId })).state;
    expect(await state()).toBe('waiting');
    await agent.report({});
    expect(await state()).toBe('reporting');
    t.clock.advance(60_001);
    expect(await state()).toBe('lost');
    await agent.report({ sequence: 2 });
    expect(await state()).toBe('reporting');
  });

  test('are cordoned and uncordoned, once each in the audit log', async () => {
    const { hostId: id } = await createAgent(t, operator);
    expect(await client().hosts.cordon.mutate({ id })).toMatchObject({ cordoned: true });
    expect(await client().hosts.cordon.mutate({ id })).toMatchObject({ cordoned: true });
    expect(await client().hosts.get.query({ id })).toMatchObject({ cordoned: true });
    expect(await client().hosts.uncordon.mutate({ id })).toMatchObject({ cordoned: false });
    expect(await actions(id)).toEqual(['host.enrol by itself', 'host.cordon by operator', 'host.uncordon by operator']);
  });

  test('are refused from the next request on once revoked, and leave their name to another', async () => {
    const agent = await createAgent(t, operator);
    const id = agent.hostId;
    expect((await agent.desired()).status).toBe(200);
    expect(await client().hosts.revoke.mutate({ id })).toMatchObject({ state: 'revoked' });
    expect((await agent.desired()).status).toBe(403);
    expect((await agent.report({})).status).toBe(403);
    expect(await client().hosts.revoke.mutate({ id })).toMatchObject({ state: 'revoked' });
    await expect(client().hosts.uncordon.mutate({ id })).rejects.toMatchObject({ code: 'wrong_state' });
    const { token } = await client().hosts.createEnrolmentToken.mutate();
    expect((await enrol(t, { token, name: agent.name })).status).toBe(201);
    expect(await actions(id)).toEqual(['host.enrol by itself', 'host.revoke by operator']);
  });

  test('come in pages, each one round trip, each host once', async () => {
    const own = await Promise.all(Array.from({ length: 5 }, () => createAgent(t, operator)));
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      t.roundTrips.reset();
      const page = await client().hosts.list.query({ limit: 3, cursor });
      expect(t.roundTrips.count).toBe(1);
      expect(page.items.length).toBeLessThanOrEqual(3);
      names.push(...page.items.map(({ name }) => name));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    // other suites have hosts too
    expect(names).toEqual([...new Set(names)].sort());
    expect(names).toEqual(expect.arrayContaining(own.map(({ name }) => name)));
  });

  test('show the stacks that are no projects of theirs, as long as they are reported', async () => {
    const agent = await createAgent(t, operator);
    const strangers = async () => (await client().hosts.get.query({ id: agent.hostId })).strangers;
    expect(await strangers()).toEqual([]);
    await agent.report({ strangers: ['a'.repeat(20), 'half \ud800'] });
    expect(await strangers()).toEqual(['a'.repeat(20), 'half \ufffd']);
    await agent.report({ sequence: 2 });
    expect(await strangers()).toEqual([]);
  });

  test('say how many projects they carry, and never their key', async () => {
    const { hostId: id, publicKey } = await createAgent(t, operator);
    const organization = await createOrganization(t, [{ person: operator, role: 'Owner' }]);
    await createProject(t, organization, { id });
    await createProject(t, organization, { id }, { power: 'removed' });
    const host = await client().hosts.get.query({ id });
    expect(host.projectCount).toBe(1);
    expect(JSON.stringify(host)).not.toContain(publicKey);
  });
});
