import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { agentHeaders, reportRequest } from '../../../schema/agent-protocol.ts';
import { observationStore } from '../../../worker/store/observations.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { clientOf } from '../../support/client.ts';
import {
  createOrganization,
  createPerson,
  createProject,
  type Person,
  type TestOrganization,
} from '../../support/people.ts';
import { recordStatements } from '../../support/query-plans.ts';
import {
  createAgent,
  emptyReport,
  healthyReport,
  newKey,
  type TestAgent,
  testFacts,
} from '../../support/test-agent.ts';

describe('an agent reporting', () => {
  let t: TestApp;
  let operator: Person;
  let organization: TestOrganization;
  let agent: TestAgent;
  let ref: string;

  beforeAll(async () => {
    t = await createTestApp();
    operator = await createPerson(t, { isOperator: true });
    organization = await createOrganization(t, [{ person: operator, role: 'Owner' }]);
  });
  beforeEach(async () => {
    agent = await createAgent(t, operator);
    ref = (await createProject(t, organization, { id: agent.hostId }, { phase: 'starting' })).ref;
  });

  const row = async (sql: string, id: string) => ({ ...(await t.client.execute({ sql, args: [id] })).rows[0] });
  const host = () => row('select * from hosts where id = ?', agent.hostId);
  const observation = (of = ref) => row('select * from observations where ref = ?', of);

  test('is heard in two round trips: one read, one write', async () => {
    t.roundTrips.reset();
    const facts = { ...testFacts, agentVersion: '9.9.9', frontDoor: null };
    const response = await agent.report({ facts, verifiedAgeMs: 2_000, projects: [healthyReport(ref)] });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ sequence: 1, cursor: 0 });
    expect(t.roundTrips.count).toBe(2);
    const now = t.clock.now();
    expect(await host()).toMatchObject({
      report_sequence: 1,
      reported_at: now,
      verified_at: now - 2_000,
      agent_version: '9.9.9',
      front_door_port: null,
    });
    expect(await observation()).toMatchObject({
      phase: 'healthy',
      generation: 1,
      verified_at: now - 1_000,
      reported_at: now,
      gateway_endpoint: 'localhost:20000',
      services: JSON.stringify(healthyReport(ref).services),
    });
  });

  test('costs by what it tells, not by how many projects the host has', async () => {
    const removed = { ...healthyReport(ref), phase: 'removed' as const, services: [] };
    await t.client.execute({ sql: "update projects set power = 'removed' where ref = ?", args: [ref] });
    const { database, plansOf } = recordStatements(t.client);
    const report = reportRequest.parse({ ...emptyReport, projects: [removed] });
    await observationStore(database).accept(
      { ...report, hostId: agent.hostId, verifiedAt: null, at: t.clock.now() },
      { id: 'test', address: null, userAgent: null },
    );
    const plans = await plansOf(/projects/);
    expect(plans).toHaveLength(3);
    for (const plan of plans) {
      expect(plan).toMatch(/SEARCH projects USING (COVERING )?INDEX projects_ref_unique \(ref=\?\)/);
      expect(plan).not.toMatch(/SCAN projects|projects_by_port/);
    }
  });

  test('of nothing but being alive touches no project', async () => {
    const { database, plansOf } = recordStatements(t.client);
    await observationStore(database).accept(
      { ...reportRequest.parse(emptyReport), hostId: agent.hostId, verifiedAt: null, at: t.clock.now() },
      { id: 'test', address: null, userAgent: null },
    );
    expect(await plansOf(/projects/)).toEqual([]);
  });

  test('takes nothing back of what the host vouched for, when it vouches for nothing now', async () => {
    await agent.report({ verifiedAgeMs: 0 });
    const vouchedAt = t.clock.now();
    t.clock.advance(5_000);
    await agent.report({ sequence: 2 });
    expect(await host()).toMatchObject({ verified_at: vouchedAt, reported_at: t.clock.now() });
  });

  test('cannot be replayed, skip a number, or go back', async () => {
    expect((await agent.report({})).status).toBe(200);
    for (const sequence of [1, 3, 900]) {
      const response = await agent.report({ sequence, projects: [healthyReport(ref)] });
      expect(response.status).toBe(409);
      expect(await response.json()).toMatchObject({ code: 'conflict', sequence: 1 });
    }
    expect(await observation()).toMatchObject({ phase: 'starting' });
  });

  test('is heard once when two agents with one key speak at the same time', async () => {
    const responses = await Promise.all([
      agent.report({ projects: [healthyReport(ref)] }),
      agent.report({ projects: [{ ...healthyReport(ref), phase: 'failed', reason: 'twin' }] }),
    ]);
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 409]);
    const isFirst = responses[0]?.status === 200;
    expect(await observation()).toMatchObject({ phase: isFirst ? 'healthy' : 'failed' });
  });

  test('never overwrites a newer generation with an older one, nor tells of one that does not exist', async () => {
    await t.client.execute({ sql: 'update projects set generation = 5 where ref = ?', args: [ref] });
    const generations = [4, 3, 6, 4, 5];
    const seen = [];
    for (const [index, generation] of generations.entries()) {
      await agent.report({
        sequence: index + 1,
        projects: [{ ...healthyReport(ref, generation), reason: `${index}` }],
      });
      const { generation: stored, reason } = await observation();
      seen.push([stored, reason]);
    }
    expect(seen).toEqual([
      [4, '0'],
      [4, '0'],
      [4, '0'],
      [4, '3'],
      [5, '4'],
    ]);
  });

  test('keeps the newest generation that was healthy, whatever came after it', async () => {
    const seen = async () => (await observation()).healthy_generation;
    await t.client.batch(
      [
        { sql: 'update projects set generation = 3 where ref = ?', args: [ref] },
        { sql: 'update observations set healthy_generation = null where ref = ?', args: [ref] },
      ],
      'write',
    );
    await agent.report({ projects: [{ ...healthyReport(ref), phase: 'starting', verifiedAgeMs: null }] });
    expect(await seen()).toBeNull();
    await agent.report({ sequence: 2, projects: [healthyReport(ref, 2)] });
    await agent.report({ sequence: 3, projects: [{ ...healthyReport(ref, 3), phase: 'failed' }] });
    expect(await seen()).toBe(2);
    await agent.report({ sequence: 4, projects: [healthyReport(ref, 3)] });
    expect(await seen()).toBe(3);
  });

  test('changes nothing of a project that lies on another host', async () => {
    const other = await createAgent(t, operator);
    const foreign = await createProject(t, organization, { id: other.hostId }, { power: 'removed' });
    const before = await observation(foreign.ref);
    const said = [
      { ...healthyReport(foreign.ref), phase: 'removed', gateway: { protocol: 'http', endpoint: 'evil.example:80' } },
      healthyReport('a'.repeat(20)),
    ];
    expect((await agent.report({ projects: said })).status).toBe(200);
    expect(await observation(foreign.ref)).toEqual(before);
    expect(await observation('a'.repeat(20))).toEqual({});
    expect(await row('select power from projects where ref = ?', foreign.ref)).toEqual({ power: 'removed' });
  });

  describe('of drift', () => {
    const drifted = (...drift: string[]) => ({ ...healthyReport(ref), drift });
    const audited = async () => {
      const { rows } = await t.client.execute({
        sql: `select organization_id, actor_kind, actor_id, details from audit_entries
              where target = ? and action = 'project.drift' order by id`,
        args: [ref],
      });
      return rows.map(({ details, ...entry }) => ({ ...entry, ...JSON.parse(String(details)) }));
    };
    const entry = (drift: string) => ({
      organization_id: organization.id,
      actor_kind: 'host',
      actor_id: agent.hostId,
      drift,
    });

    test('is kept, shown, and audited once however often it is told, in one round trip more', async () => {
      const sentences = ['.env was edited by hand', 'the service auth was stopped by hand'] as const;
      t.roundTrips.reset();
      expect((await agent.report({ projects: [drifted(...sentences)] })).status).toBe(200);
      expect(t.roundTrips.count).toBe(3);
      expect(JSON.parse(String((await observation()).drift))).toEqual(sentences);
      const shown = await clientOf(t, operator.token).projects.get.query({ ref });
      expect(shown).toMatchObject({ drift: sentences, status: 'ACTIVE_HEALTHY' });
      // a heartbeat, and one of two that is put right
      await agent.report({ sequence: 2, projects: [drifted(...sentences)] });
      await agent.report({ sequence: 3, projects: [drifted(sentences[1])] });
      expect(await audited()).toEqual([entry(sentences.join('; '))]);
      await agent.report({ sequence: 4, projects: [drifted(sentences[1], 'compose.yaml is gone')] });
      expect(await audited()).toHaveLength(2);
    });

    test('that comes back after it was put right is news again', async () => {
      await agent.report({ projects: [drifted('.env was edited')] });
      await agent.report({ sequence: 2, projects: [drifted()] });
      expect(await observation()).toMatchObject({ drift: '[]', drift_sequence: null });
      expect((await clientOf(t, operator.token).projects.get.query({ ref })).drift).toEqual([]);
      await agent.report({ sequence: 3, projects: [drifted('.env was edited')] });
      expect(await audited()).toEqual([entry('.env was edited'), entry('.env was edited')]);
    });

    test('is told of the projects it is about only, and not by refused, old or foreign reports', async () => {
      const other = (await createProject(t, organization, { id: agent.hostId })).ref;
      const elsewhere = await createAgent(t, operator);
      await t.client.execute({ sql: 'update projects set generation = 2 where ref = ?', args: [ref] });
      await t.client.execute({ sql: 'update observations set generation = 2 where ref = ?', args: [ref] });
      await elsewhere.report({ projects: [{ ...drifted('theirs'), generation: 2 }] });
      await agent.report({ sequence: 5, projects: [{ ...drifted('out of order'), generation: 2 }] });
      await agent.report({ projects: [drifted('of an older generation'), healthyReport(other)] });
      expect(await audited()).toEqual([]);
      await agent.report({ sequence: 2, projects: [{ ...drifted('mine'), generation: 2 }, healthyReport(other)] });
      expect(await audited()).toEqual([entry('mine')]);
      const { rows } = await t.client.execute({
        sql: "select count(*) as count from audit_entries where action = 'project.drift' and target = ?",
        args: [other],
      });
      expect(rows[0]?.count).toBe(0);
    });

    test('is heard once of two agents with one key that speak at the same time', async () => {
      await Promise.all([agent.report({ projects: [drifted('twin')] }), agent.report({ projects: [drifted('twin')] })]);
      expect(await audited()).toEqual([entry('twin')]);
    });

    test('keeps odd sentences readable', async () => {
      const odd = `cut \ud83d '); drop table observations; -- "\u0000`;
      expect((await agent.report({ projects: [drifted(odd)] })).status).toBe(200);
      const [sentence] = (await clientOf(t, operator.token).projects.get.query({ ref })).drift;
      expect(sentence).toContain('drop table observations');
      expect(await audited()).toHaveLength(1);
    });

    test.each([
      ['too many sentences', { drift: Array(21).fill('x') }],
      ['a sentence without end', { drift: ['x'.repeat(301)] }],
    ])('with %s is refused', async (_, change) => {
      const response = await agent.report({ projects: [{ ...healthyReport(ref), ...change }] });
      expect(response.status).toBe(400);
    });
  });

  test('of a first start that failed makes it INIT_FAILED with the reason, wherever it is looked at', async () => {
    const { projects } = clientOf(t, operator.token);
    await t.client.execute({ sql: 'delete from observations where ref = ?', args: [ref] });
    const reason = 'The image registry.example/db:17 could not be pulled: not found';
    const failed = { ...healthyReport(ref), phase: 'failed', reason, verifiedAgeMs: null, gateway: null };
    await agent.report({ projects: [failed] });
    expect(await projects.get.query({ ref })).toMatchObject({ status: 'INIT_FAILED', statusReason: reason });
    const detail = await t.app.request(`/platform/projects/${ref}/status`, { headers: operator.headers });
    expect(await detail.json()).toEqual({ status: 'INIT_FAILED', status_reason: reason });
    // it is tried again, and comes up
    await agent.report({ sequence: 2, projects: [{ ...failed, phase: 'starting', reason: null }] });
    expect(await projects.get.query({ ref })).toMatchObject({ status: 'COMING_UP', statusReason: null });
    await agent.report({ sequence: 3, projects: [healthyReport(ref)] });
    expect(await projects.get.query({ ref })).toMatchObject({ status: 'ACTIVE_HEALTHY', statusReason: null });
  });

  describe('of a removal', () => {
    const gone = () => ({
      ...healthyReport(ref, 2),
      phase: 'removed',
      gateway: null,
      services: [],
      verifiedAgeMs: null,
    });
    const count = (table: string) => row(`select count(*) as count from ${table} where ref = ?`, ref);

    beforeEach(async () => {
      await t.client.batch(
        [
          { sql: "update projects set power = 'removed', generation = 2 where ref = ?", args: [ref] },
          { sql: "insert into project_secrets (ref, sealed) values (?, 'sealed')", args: [ref] },
          {
            sql: `insert into api_keys (id, ref, name, type, sealed, prefix, hash, created_at)
                  values (?, ?, 'default', 'secret', 'sealed', 'sb_', ?, 0)`,
            args: [ref, ref, ref],
          },
        ],
        'write',
      );
    });

    test('makes the project, its secrets and its keys go, audited once, and tells the agent', async () => {
      t.roundTrips.reset();
      const response = await agent.report({ projects: [gone()] });
      expect(await response.json()).toEqual({ sequence: 1, cursor: 1 });
      expect(t.roundTrips.count).toBe(3);
      for (const table of ['projects', 'project_secrets', 'api_keys', 'observations']) {
        expect(await count(table), table).toEqual({ count: 0 });
      }
      await agent.report({ sequence: 2, projects: [gone()] });
      const { rows } = await t.client.execute({
        sql: 'select action, organization_id, actor_kind, actor_id from audit_entries where target = ?',
        args: [ref],
      });
      expect(rows.map((entry) => ({ ...entry }))).toEqual([
        { action: 'project.removed', organization_id: organization.id, actor_kind: 'host', actor_id: agent.hostId },
      ]);
    });

    test.each([
      ['at an older generation', { generation: 1 }],
      ['that is still going on', { phase: 'stopping' }],
      ['at a generation that does not exist', { generation: 3 }],
    ])('%s leaves everything', async (_, change) => {
      await agent.report({ projects: [{ ...gone(), ...change }] });
      expect(await count('projects')).toEqual({ count: 1 });
      expect(await count('project_secrets')).toEqual({ count: 1 });
    });

    test('nobody asked for leaves everything', async () => {
      await t.client.execute({ sql: "update projects set power = 'running' where ref = ?", args: [ref] });
      await agent.report({ projects: [gone()] });
      expect(await count('projects')).toEqual({ count: 1 });
    });

    test('in a refused report leaves everything', async () => {
      await agent.report({ sequence: 2, projects: [gone()] });
      expect(await count('projects')).toEqual({ count: 1 });
    });
  });

  test('is refused when the body is not what was signed', async () => {
    const body = JSON.stringify({ ...emptyReport, projects: [healthyReport(ref)] });
    expect((await agent.report({}, { body })).status).toBe(401);
    expect((await agent.report({}, { privateKey: newKey().privateKey })).status).toBe(401);
    expect((await agent.report({}, { skewMs: 61_000 })).status).toBe(401);
    expect((await agent.report({}, { headers: { [agentHeaders.version]: '0' } })).status).toBe(426);
    expect(await host()).toMatchObject({ report_sequence: 0 });
  });

  test.each([
    ['no sequence', { sequence: undefined }, 'sequence'],
    ['a sequence of zero', { sequence: 0 }, 'sequence'],
    ['a phase nobody knows', { projects: [{ ...healthyReport('a'.repeat(20)), phase: 'fine' }] }, 'projects.0.phase'],
    ['a reason without end', { projects: [{ ...healthyReport('a'.repeat(20)), reason: 'x'.repeat(1001) }] }, 'reason'],
    [
      'an endpoint that is a path',
      { projects: [{ ...healthyReport('a'.repeat(20)), gateway: { protocol: 'http', endpoint: 'a:1/x' } }] },
      'endpoint',
    ],
    ['a verification in the future', { verifiedAgeMs: -1 }, 'verifiedAgeMs'],
  ])('with %s is told which field is wrong', async (_, change, field) => {
    const response = await agent.report(change);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { message: string }).message).toContain(field);
  });

  test('beyond 1 MB is refused as too large', async () => {
    expect((await agent.report({ padding: 'x'.repeat(1024 * 1024) })).status).toBe(413);
  });
});
