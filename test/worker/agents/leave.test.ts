import { beforeAll, describe, expect, test } from 'vitest';
import { signedHeaders } from '../../../agent/sign.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import {
  createOrganization,
  createPerson,
  createProject,
  type Person,
  type TestOrganization,
} from '../../support/people.ts';
import { createAgent, createToken, enrol, newKey, type TestAgent } from '../../support/test-agent.ts';

describe('a host that leaves', () => {
  let t: TestApp;
  let operator: Person;
  let organization: TestOrganization;

  beforeAll(async () => {
    t = await createTestApp();
    operator = await createPerson(t, { isOperator: true });
    organization = await createOrganization(t, [{ person: operator, role: 'Owner' }]);
  });

  const leave = (agent: TestAgent, key = agent.privateKey) => {
    const request = { method: 'POST', pathAndQuery: '/agent/v1/leave', body: '', timestamp: t.clock.now() };
    const headers = signedHeaders(request, { hostId: agent.hostId, privateKey: key });
    return t.app.request('/agent/v1/leave', { method: 'POST', headers });
  };
  const rows = async (sql: string, id: string) =>
    (await t.client.execute({ sql, args: [id] })).rows.map((row) => ({ ...row }));

  test('is refused from then on, with an audit row and a name that is free again', async () => {
    const agent = await createAgent(t, operator);
    expect((await leave(agent)).status).toBe(204);
    expect((await agent.desired()).status).toBe(403);
    expect(await (await leave(agent)).json()).toMatchObject({ code: 'forbidden', reason: 'revoked' });
    expect(
      await rows('select action, actor_kind, actor_id from audit_entries where target = ? order by id', agent.hostId),
    ).toEqual([
      { action: 'host.enrol', actor_kind: 'host', actor_id: agent.hostId },
      { action: 'host.leave', actor_kind: 'host', actor_id: agent.hostId },
    ]);
    const token = await createToken(t, operator);
    expect((await enrol(t, { token, name: agent.name })).status).toBe(201);
  });

  test('is kept while a project lives on it, which is named, and loses nothing by asking', async () => {
    const agent = await createAgent(t, operator);
    const { ref } = await createProject(t, organization, { id: agent.hostId }, { power: 'paused' });
    const response = await leave(agent);
    expect(response.status).toBe(409);
    expect(((await response.json()) as { message: string }).message).toContain(ref);
    expect((await agent.desired()).status).toBe(200);
  });

  test('takes along what was being removed there, and nothing of another host', async () => {
    const [agent, other] = [await createAgent(t, operator), await createAgent(t, operator)];
    const gone = await createProject(t, organization, { id: agent.hostId }, { power: 'removed' });
    const kept = await createProject(t, organization, { id: other.hostId }, { power: 'removed' });
    expect((await leave(agent)).status).toBe(204);
    const left = (ref: string) => rows('select ref from projects where ref = ?', ref);
    expect([await left(gone.ref), await left(kept.ref)]).toEqual([[], [{ ref: kept.ref }]]);
    expect(await rows('select action, actor_kind from audit_entries where target = ?', gone.ref)).toContainEqual({
      action: 'project.removed',
      actor_kind: 'host',
    });
  });

  test('is not sent away by a stranger', async () => {
    const agent = await createAgent(t, operator);
    expect((await leave(agent, newKey().privateKey)).status).toBe(401);
    expect((await t.app.request('/agent/v1/leave', { method: 'POST' })).status).toBe(426);
    expect((await agent.desired()).status).toBe(200);
  });
});
