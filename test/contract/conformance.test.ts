import { beforeAll, describe, expect, test } from 'vitest';
import { type Contract, contractMissing, loadContract } from '../support/contract.ts';
import { createSeededApp, newProject, type Seeded } from '../support/seeded.ts';

type Situation = {
  query?: string;
  body?: Record<string, unknown>;
  version?: string;
  /** a row whose right answer here is a refusal: its status, and what its message says */
  refused?: { status: number; message: RegExp };
};

/** How Studio asks each row that is more than a plain GET. */
const situations: Record<string, Situation | ((seeded: Seeded) => Situation)> = {
  'GET /platform/profile': { version: '2' },
  'GET /platform/projects': { version: '2', query: 'limit=100&offset=0&sort=name_asc' },
  'GET /platform/organizations/{slug}/projects': { query: 'limit=96&offset=0&sort=name_asc' },
  'GET /platform/notifications': { version: '2', query: 'offset=0&limit=20&status=new,seen' },
  'GET /platform/integrations/github/connections': { query: 'organization_id=1' },
  'GET /platform/projects-resource-warnings': ({ ref }) => ({ query: `ref=${ref}` }),
  'GET /platform/projects/{ref}/analytics/endpoints/usage.api-counts': { query: 'interval=1hr' },
  'GET /platform/projects/{ref}/content': { query: 'type=report&name=Home&limit=1' },
  'GET /platform/projects/available-regions': ({ organization }) => ({
    query: `cloud_provider=AWS&organization_slug=${organization.slug}`,
  }),
  'GET /v1/projects/{ref}/api-keys': { query: 'reveal=true' },
  'GET /v1/projects/{ref}/health': { query: 'services=auth,realtime,rest,storage,db' },
  'POST /platform/profile': { refused: { status: 409, message: /exists/ } },
  'POST /platform/profile/audit-login': {},
  'POST /platform/signup': {
    body: { email: 'new@example.com', password: 'correct horse battery', hcaptchaToken: null, redirectTo: 'http://x' },
    refused: { status: 403, message: /sign.?up|clos/i },
  },
  'POST /platform/organizations': { body: { name: 'Second', kind: 'PERSONAL', tier: 'tier_free' } },
  'POST /platform/organizations/{slug}/available-versions': { body: { provider: 'AWS', region: 'us-east-1' } },
  'POST /platform/projects': ({ organization }) => ({ body: newProject(organization.slug, 'Another') }),
  'POST /platform/pg-meta/{ref}/query': { query: 'key=migrations', body: { query: 'select 1' } },
  'POST /platform/telemetry/identify': { body: { user_id: 'someone' } },
  'GET /v1/projects/{ref}/custom-hostname': {
    refused: { status: 404, message: /custom hostname configuration|not allowed to set up custom domain/ },
  },
};

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
    const given = situations[row] ?? {};
    const { query, body, version, refused } = typeof given === 'function' ? given(seeded) : given;
    const url = path.replace('{ref}', seeded.ref).replace('{slug}', seeded.organization.slug);
    seeded.roundTrips.reset();
    const response = await seeded.app.request(query === undefined ? url : `${url}?${query}`, {
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
