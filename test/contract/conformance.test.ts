import { beforeAll, describe, expect, test } from 'vitest';
import { type Contract, contractMissing, loadContract } from '../support/contract.ts';
import { createSeededApp, type Seeded } from '../support/seeded.ts';
import { situationOf } from '../support/situations.ts';

describe.skipIf(contractMissing !== null)(`what Studio cannot do without ${contractMissing ?? ''}`, () => {
  let seeded: Seeded;
  let contract: Contract;

  beforeAll(async () => {
    contract = loadContract();
    seeded = await createSeededApp(({ body }) => ({
      status: 200,
      body: body?.includes('rls_disabled_in_public')
        ? JSON.stringify([{ name: 'no_primary_key', schema: 'public', object: 't', type: 'table', info: null }])
        : '[]',
    }));
  });

  const rows = contractMissing === null ? [...prioritized('BOOT set'), ...prioritized('P0')] : [];
  const distinct = [...new Set(rows)];

  test.each(distinct)('%s', async (row) => {
    const [method = '', path = ''] = row.split(' ');
    const { url, body, version, refused } = await situationOf(seeded, row, seeded.ref);
    seeded.roundTrips.reset();
    const response = await seeded.app.request(url, {
      method,
      headers: {
        ...seeded.owner.headers,
        ...(version !== undefined && { version }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    expect(seeded.roundTrips.count, 'round trips to the database').toBeLessThanOrEqual(method === 'GET' ? 1 : 2);
    if (refused !== undefined) {
      expect([response.status, text]).toEqual([refused.status, expect.stringMatching(refused.message)]);
      return;
    }
    expect(response.status, `${row}: ${text}`).toBeLessThan(300);
    contract.expectConforms(method, path, response.status, text === '' ? undefined : JSON.parse(text));
  });

  test('is asked by both spellings of the path', async () => {
    const ask = (path: string) => seeded.app.request(path, { headers: seeded.owner.headers });
    const paths = [`/platform/projects/${seeded.ref}/billing/addons`, `/v1/projects/${seeded.ref}/branches`];
    for (const path of paths) {
      const [plain, prefixed] = await Promise.all([ask(path), ask(`/api${path}`)]);
      expect([prefixed.status, await prefixed.json()]).toEqual([plain.status, await plain.json()]);
    }
  });
});

function prioritized(heading: string): string[] {
  return loadContract()
    .priorities(heading)
    .map(({ method, path }) => `${method} ${path}`);
}
