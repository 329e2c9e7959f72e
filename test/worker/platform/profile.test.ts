import { beforeAll, describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { createOrganization, createPerson, type Person } from '../../support/people.ts';

describe('the profile', () => {
  let t: TestApp;
  let person: Person;

  beforeAll(async () => {
    t = await createTestApp();
    person = await createPerson(t);
  });

  const call = (method: string, path: string, headers: HeadersInit = person.headers, body?: object) =>
    t.app.request(path, {
      method,
      headers: { ...headers, version: '2', ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });

  test('is one round trip and has every member Studio needs', async () => {
    t.roundTrips.reset();
    const response = await call('GET', '/platform/profile');
    expect(t.roundTrips.count).toBe(1);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      id: expect.any(Number),
      auth0_id: expect.any(String),
      gotrue_id: person.accountId,
      primary_email: person.email,
      username: person.email,
      first_name: '',
      last_name: '',
      mobile: null,
      free_project_limit: null,
      is_alpha_user: false,
      is_sso_user: false,
      disabled_features: expect.arrayContaining(['billing:invoices']),
    });
  });

  test('is refused to nobody on every route of it', async () => {
    for (const [method, path] of [
      ['GET', '/platform/profile'],
      ['POST', '/platform/profile'],
      ['POST', '/platform/profile/audit-login'],
      ['GET', '/platform/profile/permissions'],
      ['GET', '/api/platform/profile'],
    ] as const) {
      expect([path, (await call(method, path, {})).status]).toEqual([path, 401]);
    }
  });

  test('exists from the beginning', async () => {
    expect((await call('POST', '/platform/profile')).status).toBe(409);
    expect((await call('POST', '/platform/profile/audit-login')).status).toBe(201);
  });

  test('cannot be had by signing up', async () => {
    const body = { email: `${crypto.randomUUID()}@example.com`, password: 'correct horse battery' };
    const response = await call('POST', '/platform/signup', {}, body);
    expect(response.status).toBe(422);
    expect((await response.json()).message).toContain('closed');
    expect((await call('POST', '/platform/signup', {}, { email: 5 })).status).toBe(400);
  });

  test('tells permissions per organization in one round trip', async () => {
    const [own, shared] = [
      await createOrganization(t, [{ person, role: 'Owner' }]),
      await createOrganization(t, [{ person, role: 'Read-only' }]),
    ];
    t.roundTrips.reset();
    const response = await call('GET', '/platform/profile/permissions');
    expect(t.roundTrips.count).toBe(1);
    const rows: { organization_slug: string; organization_id: number; actions: string[] }[] = await response.json();
    expect(rows.filter((row) => row.organization_slug === own.slug)).toEqual([
      {
        organization_id: own.id,
        organization_slug: own.slug,
        actions: ['%'],
        resources: ['%'],
        condition: null,
        project_ids: null,
        project_refs: null,
        restrictive: false,
      },
    ]);
    const readers = rows.filter((row) => row.organization_slug === shared.slug).flatMap((row) => row.actions);
    expect(readers.length).toBeGreaterThan(0);
    expect(readers.filter((action) => !/:Read$|:Select$/.test(action))).toEqual([]);
  });
});
