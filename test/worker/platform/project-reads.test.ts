import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { contractMissing, loadContract } from '../../support/contract.ts';
import { send } from '../../support/requests.ts';
import { createSeededApp, type Seeded } from '../../support/seeded.ts';

/** Everything that is read of one project: path below the ref, and the contract's name of the route. */
const reads = [
  ['GET', '/platform/projects/{ref}'],
  ['GET', '/platform/projects/{ref}/status'],
  ['GET', '/platform/projects/{ref}/pause/status'],
  ['GET', '/platform/projects/{ref}/restore/versions'],
  ['GET', '/platform/projects/{ref}/settings'],
  ['GET', '/platform/projects/{ref}/databases'],
  ['GET', '/platform/projects/{ref}/databases-statuses'],
  ['GET', '/platform/projects/{ref}/load-balancers'],
  ['GET', '/platform/projects/{ref}/service-versions'],
  ['GET', '/v1/projects/{ref}'],
  ['GET', '/v1/projects/{ref}/api-keys'],
  ['GET', '/v1/projects/{ref}/branches'],
  ['GET', '/v1/projects/{ref}/health', '?services=auth,realtime,rest,storage,db'],
  ['GET', '/platform/organizations/{slug}'],
  ['GET', '/platform/organizations/{slug}/projects', '?limit=96&offset=0&sort=name_asc'],
  ['POST', '/platform/organizations/{slug}/available-versions', '', { provider: 'AWS', region: 'us-east-2' }],
] as const;

const lists = [
  ['GET', '/platform/projects', '?limit=100&offset=0&sort=name_asc'],
  ['GET', '/platform/organizations', ''],
  ['GET', '/v1/projects', ''],
  ['GET', '/v1/organizations', ''],
] as const;

describe('what is read of a project', () => {
  let t: Seeded;

  beforeAll(async () => {
    t = await createSeededApp();
  });

  const filled = (path: string, ref = t.ref, slug = t.organization.slug) =>
    path.replace('{ref}', ref).replace('{slug}', slug);

  test.each(reads)('%s %s takes one round trip, and conforms', async (method, path, query = '', body = undefined) => {
    t.roundTrips.reset();
    const answer = await send(t, t.reader, method, filled(path) + query, body);
    expect(t.roundTrips.count).toBe(1);
    expect(answer.status).toBe(200);
    if (contractMissing === null) loadContract().expectConforms(method, path, 200, answer.body);
  });

  test.each(lists)('%s %s takes one round trip, and conforms', async (method, path, query) => {
    t.roundTrips.reset();
    const answer = await send(t, t.owner, method, path + query);
    expect(t.roundTrips.count).toBe(1);
    expect(answer.status).toBe(200);
    if (contractMissing === null) loadContract().expectConforms(method, path, 200, answer.body);
  });

  test.each(reads)('%s %s is nothing to strangers and nobody', async (method, path, query = '', body = undefined) => {
    expect((await send(t, null, method, filled(path) + query, body)).status).toBe(401);
    expect((await send(t, t.stranger, method, filled(path) + query, body)).status).toBe(404);
    for (const name of ['z'.repeat(20), 'A', '..%2f..%2fetc', '%00', "' or 1=1 --"]) {
      const path_ = filled(path, encodeURIComponent(name), encodeURIComponent(name));
      expect((await send(t, t.owner, method, path_ + query, body)).status, name).toBe(404);
    }
  });

  test('is the same below /api', async () => {
    const direct = await send(t, t.owner, 'GET', `/platform/projects/${t.ref}`);
    expect((await send(t, t.owner, 'GET', `/api/platform/projects/${t.ref}`)).body).toEqual(direct.body);
  });

  test('names the gateway that its agent reported, so that what follows it works', async () => {
    const { body } = await send(t, t.owner, 'GET', `/platform/projects/${t.ref}/settings`);
    expect(body).toMatchObject({
      app_config: { protocol: 'http', endpoint: 'localhost:20000' },
      db_host: 'localhost',
      service_api_keys: [{ tags: 'anon' }, { tags: 'service_role' }],
    });
    const detail = await send(t, t.owner, 'GET', `/platform/projects/${t.ref}`);
    expect(detail.body).toMatchObject({
      connectionString: `supafleet:${t.ref}`,
      restUrl: 'http://localhost:20000/rest/v1/',
      organization_id: t.organization.id,
      region: 'us-east-2',
      status: 'ACTIVE_HEALTHY',
      status_reason: null,
    });
  });

  test('keeps what opens everything from those who only read', async () => {
    const { body } = await send(t, t.reader, 'GET', `/platform/projects/${t.ref}/settings`);
    expect(body).toMatchObject({ service_api_keys: [{ tags: 'anon' }] });
    expect(body).not.toHaveProperty('jwt_secret');
    expect((await send(t, t.reader, 'GET', `/v1/projects/${t.ref}/api-keys?reveal=true`)).status).toBe(403);
  });

  test('shows secret keys only when they are asked for', async () => {
    const keysOf = async (query: string) =>
      z
        .array(z.object({ name: z.string(), type: z.string(), api_key: z.string().nullable() }))
        .parse((await send(t, t.owner, 'GET', `/v1/projects/${t.ref}/api-keys${query}`)).body);
    const hidden = await keysOf('');
    const shown = await keysOf('?reveal=true');
    expect(await keysOf('?reveal=false')).toEqual(hidden);
    expect(shown.map(({ type, name }) => `${type} ${name}`)).toEqual([
      'legacy anon',
      'legacy service_role',
      'publishable default',
      'secret default',
    ]);
    const [anon, service, publishable, secret] = hidden.map(({ api_key }) => api_key);
    expect([anon, publishable]).toEqual([shown[0]?.api_key, shown[2]?.api_key]);
    expect(service).toBeNull();
    // Studio cuts an opaque key at its fifteenth letter, also one that it may not see
    expect(secret).toMatch(/^sb_secret_[A-Za-z0-9_-]{5}·+$/);
    expect(shown[3]?.api_key?.slice(0, 15)).toBe(secret?.slice(0, 15));
    expect((await send(t, t.owner, 'GET', `/v1/projects/${t.ref}/api-keys?reveal=maybe`)).status).toBe(400);
  });

  test('shows one secret key when it is asked for', async () => {
    const path = `/v1/projects/${t.ref}/api-keys`;
    const keys = z.array(z.object({ id: z.string().nullable() }).loose());
    for (const query of ['', '?reveal=true']) {
      for (const key of keys.parse((await send(t, t.owner, 'GET', path + query)).body).slice(2)) {
        expect((await send(t, t.owner, 'GET', `${path}/${key.id}${query}`)).body).toEqual(key);
      }
    }
    expect((await send(t, t.owner, 'GET', `${path}/null`)).status).toBe(404);
  });

  test('names the project in the database user, which a client without TLS is found by', async () => {
    const login = { db_host: 'localhost', db_user: `postgres.${t.ref}` };
    expect((await send(t, t.owner, 'GET', `/platform/projects/${t.ref}/databases`)).body).toMatchObject([login]);
    expect((await send(t, t.owner, 'GET', `/platform/projects/${t.ref}/settings`)).body).toMatchObject(login);
  });

  test('says in Studio’s words that there is no custom hostname', async () => {
    const { status, body } = await send(t, t.owner, 'GET', `/v1/projects/${t.ref}/custom-hostname`);
    expect(status).toBe(404);
    expect(body).toMatchObject({ message: expect.stringContaining('custom hostname configuration') });
  });

  test.each([
    ['services', '/v1/projects/{ref}/health'],
    ['services', '/v1/projects/{ref}/health?services=coffee'],
    ['timeout_ms', '/v1/projects/{ref}/health?services=db&timeout_ms=-1'],
    ['limit', '/platform/projects?limit=0'],
    ['limit', '/platform/projects?limit=100000'],
    ['limit', '/platform/projects?limit=ten'],
    ['offset', '/platform/projects?offset=-1'],
    ['sort', '/platform/projects?sort=size'],
    ['statuses', '/platform/organizations/{slug}/projects?statuses=HAPPY'],
    ['organization_slug', '/platform/projects/available-regions'],
  ])('refuses a wrong %s in %s by its name', async (field, path) => {
    const { status, body } = await send(t, t.owner, 'GET', filled(path));
    expect(status).toBe(400);
    expect(body).toMatchObject({ message: expect.stringContaining(field) });
  });
});
