import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { contractMissing, loadContract } from '../../support/contract.ts';
import { createPerson, type Person } from '../../support/people.ts';
import { send } from '../../support/requests.ts';

const organization = z.object({ id: z.number(), slug: z.string(), name: z.string() });

describe('an organization', () => {
  let t: TestApp;
  let founder: Person;
  let stranger: Person;

  beforeAll(async () => {
    t = await createTestApp();
    [founder, stranger] = await Promise.all([createPerson(t), createPerson(t)]);
  });

  test('belongs to whoever made it, in two round trips and with an audit row', async () => {
    const body = { name: 'Ærø & Söhne', kind: 'PERSONAL', tier: 'tier_free', slug: 'mine', id: 1, role: 'x' };
    t.roundTrips.reset();
    const created = await send(t, founder, 'POST', '/platform/organizations', body);
    expect(t.roundTrips.count).toBe(2);
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ name: 'Ærø & Söhne', is_owner: true, plan: { id: 'enterprise' } });
    const { id, slug } = organization.parse(created.body);
    expect(slug).toMatch(/^[a-z]{20}$/);
    const { rows } = await t.client.execute({
      sql: `select action, actor_id from audit_entries where organization_id = ?`,
      args: [id],
    });
    expect(rows).toMatchObject([{ action: 'organization.create', actor_id: founder.accountId }]);

    const listed = await send(t, founder, 'GET', '/platform/organizations');
    expect(z.array(organization).parse(listed.body)).toContainEqual({ id, slug, name: 'Ærø & Söhne' });
    expect((await send(t, founder, 'GET', `/platform/organizations/${slug}`)).status).toBe(200);
    expect((await send(t, stranger, 'GET', `/platform/organizations/${slug}`)).status).toBe(404);
    expect((await send(t, stranger, 'GET', '/platform/organizations')).body).toEqual([]);
    if (contractMissing !== null) return;
    loadContract().expectConforms('POST', '/platform/organizations', 201, created.body);
    loadContract().expectConforms('GET', '/platform/organizations', 200, listed.body);
  });

  test('is made by the CLI as well', async () => {
    const created = await send(t, founder, 'POST', '/v1/organizations', { name: 'From the CLI' });
    expect([created.status, created.body]).toMatchObject([201, { name: 'From the CLI' }]);
    if (contractMissing === null) loadContract().expectConforms('POST', '/v1/organizations', 201, created.body);
  });

  test.each([[''], ['   '], ['x'.repeat(257)], ['tab\u0000'], [null]])('is not made with the name %j', async (name) => {
    const { status, body } = await send(t, founder, 'POST', '/platform/organizations', { name });
    expect([status, body]).toMatchObject([400, { message: expect.stringContaining('name') }]);
  });

  test('is nothing nobody can make', async () => {
    expect((await send(t, null, 'POST', '/platform/organizations', { name: 'x' })).status).toBe(401);
  });
});
