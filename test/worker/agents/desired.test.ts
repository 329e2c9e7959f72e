import { beforeAll, describe, expect, test } from 'vitest';
import {
  agentHeaders,
  type DesiredResponse,
  desiredResponse,
  protocolVersion,
} from '../../../schema/agent-protocol.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { storeSecrets } from '../../support/live-project.ts';
import { createOrganization, createPerson, createProject, type Person } from '../../support/people.ts';
import { runningSpec } from '../../support/specs.ts';
import { createAgent, newKey, type RequestChange, type TestAgent } from '../../support/test-agent.ts';

describe("a host's desired list", () => {
  let t: TestApp;
  let operator: Person;
  let agent: TestAgent;

  beforeAll(async () => {
    t = await createTestApp();
    operator = await createPerson(t, { isOperator: true });
    agent = await createAgent(t, operator);
  });

  const list = async (response: Response): Promise<DesiredResponse> => desiredResponse.parse(await response.json());

  test('costs an idle agent one read and no write', async () => {
    const { cursor } = await list(await agent.desired());
    const row = { sql: 'select * from hosts where id = ?', args: [agent.hostId] };
    const before = await t.client.execute(row);
    t.roundTrips.reset();
    const response = await agent.desired(cursor ?? undefined);
    expect(response.status).toBe(304);
    expect(await response.text()).toBe('');
    expect(t.roundTrips.count).toBe(1);
    expect((await t.client.execute(row)).rows).toEqual(before.rows);
  });

  test('comes whole without a cursor, with an older one, and with one from the future', async () => {
    await t.client.execute({ sql: 'update hosts set change_sequence = 7 where id = ?', args: [agent.hostId] });
    for (const cursor of [undefined, 6, 8]) expect((await list(await agent.desired(cursor))).cursor).toBe(7);
    expect((await agent.desired(7)).status).toBe(304);
  });

  test('holds removals without secrets, and only projects of this host', async () => {
    const organization = await createOrganization(t, [{ person: operator, role: 'Owner' }]);
    const other = await createAgent(t, operator);
    const { ref } = await createProject(t, organization, { id: agent.hostId }, { power: 'removed' });
    await createProject(t, organization, { id: other.hostId }, { power: 'removed' });
    expect((await list(await agent.desired())).projects).toEqual([{ ref, generation: 1, power: 'removed' }]);
  });

  test('names a project whose secrets do not open as withheld, until they do, and goes on with the others', async () => {
    const own = await createAgent(t, operator);
    const organization = await createOrganization(t, [{ person: operator, role: 'Owner' }]);
    const broken = await createProject(t, organization, { id: own.hostId });
    const missing = await createProject(t, organization, { id: own.hostId }, { power: 'paused' });
    const removed = await createProject(t, organization, { id: own.hostId }, { power: 'removed' });
    await t.client.execute({
      sql: 'insert into project_secrets (ref, sealed) values (?, ?)',
      args: [broken.ref, 'v1.lost.a.b.c.d'],
    });
    const first = await list(await own.desired());
    expect(first.projects).toEqual([
      { ref: broken.ref, generation: 1, power: 'withheld' },
      { ref: missing.ref, generation: 1, power: 'withheld' },
      { ref: removed.ref, generation: 1, power: 'removed' },
    ]);
    // no cursor: the next poll comes for everything again, though not as often
    expect(first).toMatchObject({ cursor: null, pollIntervalMs: 5_000 });
    const told = t.logged.filter(({ level, fields }) => level === 'error' && fields?.hostId === own.hostId);
    expect(told).toHaveLength(1);
    expect(JSON.stringify(told)).toContain(broken.ref);
    for (const { ref } of [broken, missing]) await storeSecrets(t, ref, runningSpec('a').secrets);
    const second = await list(await own.desired());
    expect(second.projects.map(({ power }) => power)).toEqual(['running', 'paused', 'removed']);
    expect(second).toMatchObject({ cursor: expect.any(Number), pollIntervalMs: 1_000 });
  });

  const abuses: [string, () => RequestChange, number][] = [
    ['another key', () => ({ privateKey: newKey().privateKey }), 401],
    ['an unknown host', () => ({ hostId: '00000000-0000-4000-8000-000000000000' }), 401],
    ['a host id that is none', () => ({ hostId: "' or 1=1 --" }), 401],
    ['another query than was signed', () => ({ path: '/agent/v1/desired?cursor=1' }), 401],
    ['a timestamp of 61 s ago', () => ({ skewMs: -61_000 }), 401],
    ['a timestamp 61 s ahead', () => ({ skewMs: 61_000 }), 401],
    ['a timestamp just within 60 s', () => ({ skewMs: -59_000 }), 200],
    [
      'another timestamp than was signed',
      () => ({ headers: { [agentHeaders.timestamp]: String(t.clock.now() + 1) } }),
      401,
    ],
    ['a timestamp that is no number', () => ({ headers: { [agentHeaders.timestamp]: 'NaN' } }), 401],
    ['no signature', () => ({ headers: { [agentHeaders.signature]: '' } }), 401],
    ['a signature of zeros', () => ({ headers: { [agentHeaders.signature]: 'A'.repeat(86) } }), 401],
    ['a protocol of the future', () => ({ headers: { [agentHeaders.version]: String(protocolVersion + 1) } }), 426],
    ['a protocol version that is none', () => ({ headers: { [agentHeaders.version]: '1e0' } }), 426],
  ];
  test.each(abuses)('asked for with %s', async (_, change, status) => {
    const response = await agent.desired(undefined, change());
    expect(response.status).toBe(status);
    if (status === 401) expect(await response.json()).toMatchObject({ code: 'unauthenticated' });
    if (status === 426) expect(await response.json()).toMatchObject({ code: 'agent_version_unsupported' });
  });

  test('asks the database nothing for a request that cannot be in order', async () => {
    t.roundTrips.reset();
    await agent.desired(undefined, { skewMs: 61_000 });
    await agent.desired(undefined, { headers: { [agentHeaders.signature]: 'short' } });
    await t.app.request('/agent/v1/desired', { headers: { [agentHeaders.version]: '1' } });
    expect(t.roundTrips.count).toBe(0);
  });

  test('tells a wrong clock from a wrong key', async () => {
    const response = await agent.desired(undefined, { skewMs: 120_000 });
    expect(await response.json()).toMatchObject({ reason: 'clock_skew', now: t.clock.now() });
    expect(Math.abs(Date.parse(response.headers.get('date') ?? '') - t.clock.now())).toBeLessThan(1_000);
  });

  test('is refused to a revoked host at its next request, and only the holder of its key learns that', async () => {
    const revoked = await createAgent(t, operator);
    await t.client.execute({ sql: 'update hosts set revoked_at = 1 where id = ?', args: [revoked.hostId] });
    const response = await revoked.desired();
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: 'forbidden', reason: 'revoked' });
    expect((await revoked.desired(undefined, { privateKey: newKey().privateKey })).status).toBe(401);
    expect((await revoked.report({})).status).toBe(403);
  });
});
