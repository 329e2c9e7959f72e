import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { contractMissing, loadContract } from '../../support/contract.ts';
import { letters } from '../../support/people.ts';
import { send } from '../../support/requests.ts';
import { createSeededApp, type Seeded } from '../../support/seeded.ts';

describe('projects as the CLI manages them', () => {
  let t: Seeded;

  beforeAll(async () => {
    t = await createSeededApp();
  });

  test('are created, listed, renamed, paused, restored and removed', async () => {
    const body = {
      name: `cli ${letters(6)}`,
      organization_id: t.organization.slug,
      db_pass: 'a long password',
      region: 'us-east-1',
    };
    const created = await send(t, t.owner, 'POST', '/v1/projects', body);
    expect([created.status, created.body]).toMatchObject([201, { status: 'COMING_UP', region: 'us-east-1' }]);
    const { ref } = z.object({ ref: z.string() }).parse(created.body);
    const listed = await send(t, t.owner, 'GET', '/v1/projects');
    expect(listed.body).toContainEqual(expect.objectContaining({ ref, organization_slug: t.organization.slug }));
    const renamed = await send(t, t.owner, 'PATCH', `/v1/projects/${ref}`, { name: `renamed ${letters(6)}` });
    const removed = await send(t, t.owner, 'DELETE', `/v1/projects/${ref}`);
    expect([renamed.status, removed.status]).toEqual([200, 200]);
    expect((await send(t, t.owner, 'POST', `/v1/projects/${t.ref}/pause`)).status).toBe(200);
    await t.client.execute({
      sql: `update observations set phase = 'stopped', generation = 2 where ref = ?`,
      args: [t.ref],
    });
    expect((await send(t, t.owner, 'POST', `/v1/projects/${t.ref}/restore`)).status).toBe(200);
    if (contractMissing !== null) return;
    const contract = loadContract();
    contract.expectConforms('POST', '/v1/projects', 201, created.body);
    contract.expectConforms('PATCH', '/v1/projects/{ref}', 200, renamed.body);
    contract.expectConforms('DELETE', '/v1/projects/{ref}', 200, removed.body);
  });

  test('are offered in the regions where a host would take them', async () => {
    const query = `?organization_slug=${t.organization.slug}`;
    for (const path of ['/v1/projects/available-regions', '/platform/projects/available-regions']) {
      const { status, body } = await send(t, t.owner, 'GET', `${path}${query}&cloud_provider=AWS`);
      expect([status, body]).toMatchObject([200, { all: { specific: expect.any(Array) } }]);
      if (contractMissing === null) loadContract().expectConforms('GET', path, 200, body);
      expect((await send(t, t.stranger, 'GET', `${path}${query}`)).status).toBe(404);
    }
  });

  test('are not created without a password, nor from a template', async () => {
    const body = { name: letters(8), organization_slug: t.organization.slug };
    const without = await send(t, t.owner, 'POST', '/v1/projects', body);
    expect([without.status, without.body]).toMatchObject([400, { message: expect.stringContaining('db_pass') }]);
    const template = { ...body, db_pass: 'a long password', template_url: 'https://example.com/x' };
    const from = await send(t, t.owner, 'POST', '/v1/projects', template);
    expect([from.status, from.body]).toMatchObject([400, { message: expect.stringContaining('template_url') }]);
  });
});
