import { beforeEach, describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { clientOf } from '../../support/client.ts';
import { createOrganization, createPerson, createProject, type Person } from '../../support/people.ts';
import { createAgent, healthyReport, type TestAgent } from '../../support/test-agent.ts';

describe('a report with odd values in it', () => {
  let t: TestApp;
  let operator: Person;
  let agent: TestAgent;
  let ref: string;

  beforeEach(async () => {
    t = await createTestApp();
    operator = await createPerson(t, { isOperator: true });
    agent = await createAgent(t, operator);
    const organization = await createOrganization(t, [{ person: operator, role: 'Owner' }]);
    ref = (await createProject(t, organization, { id: agent.hostId })).ref;
  });

  const huge = Number.MAX_SAFE_INTEGER;
  test.each<[string, Record<string, unknown>]>([
    ['half a character', { reason: 'cut \ud83d' }],
    ['a NUL', { reason: 'a\u0000b' }],
    ['quotes and SQL', { reason: `'); drop table observations; --"` }],
    ['a backslash at the end', { reason: '\\' }],
    ['an emoji', { reason: '🐘' }],
    ['an age older than time', { verifiedAgeMs: huge }],
    ['a generation beyond all', { generation: huge }],
    ['an unknown member', { power: 'removed', host_id: 'x', __proto__: { phase: 'failed' } }],
    [
      'a service with half a character',
      { services: [{ name: 'db', status: 'unhealthy', version: '\ud800', error: '\udfff' }] },
    ],
  ])('(%s) breaks neither the report nor those who read it', async (_, change) => {
    const response = await agent.report({ projects: [{ ...healthyReport(ref), phase: 'failed', ...change }] });
    expect(response.status, await response.text()).toBeLessThan(500);
    const project = await clientOf(t, operator.token).projects.get.query({ ref });
    expect(project.ref).toBe(ref);
    expect(
      (await t.client.execute({ sql: 'select services from observations where ref = ?', args: [ref] })).rows,
    ).toHaveLength(1);
    expect((await agent.desired()).status).toBe(200);
  });

  test('naming one project twice keeps the last', async () => {
    const twice = ['first', 'second'].map((reason) => ({ ...healthyReport(ref), phase: 'failed', reason }));
    expect((await agent.report({ projects: twice })).status).toBe(200);
    const { rows } = await t.client.execute({ sql: 'select reason from observations where ref = ?', args: [ref] });
    expect(rows[0]?.reason).toBe('second');
  });

  test('with the highest sequence there is, is out of order and breaks nothing', async () => {
    expect((await agent.report({ sequence: huge })).status).toBe(409);
    expect((await agent.report({ sequence: 1e300 })).status).toBe(400);
    expect((await agent.report({})).status).toBe(200);
  });
});
