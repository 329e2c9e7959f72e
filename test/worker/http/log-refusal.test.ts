import { expect, test } from 'vitest';
import { AppError } from '../../../worker/errors.ts';
import { createTestApp } from '../../support/app.ts';
import { createPerson } from '../../support/people.ts';

const gone = () => {
  throw new AppError('database_unavailable', 'no database', { cause: new Error('connection refused') });
};

test.each([
  ['Studio', 'GET', '/platform/profile', {}],
  ['the Management API', 'GET', '/v1/organizations', {}],
  ['the typed client', 'GET', '/trpc/users.me', {}],
  ['GoTrue of old', 'GET', '/auth/v1/user', {}],
  ['GoTrue of today', 'GET', '/auth/v1/user', { 'x-supabase-api-version': '2024-01-01' }],
])('a database that does not answer is one line in the log at the door of %s', async (_, method, path, headers) => {
  const t = await createTestApp();
  const person = await createPerson(t);
  const { store } = t.deps;
  Object.assign(store.accounts, { ownAccount: gone, ownMemberships: gone });
  Object.assign(store.access, { account: gone });
  Object.assign(store.organizations, { organizations: gone });
  const response = await t.app.request(path, { method, headers: { ...person.headers, ...headers } });
  expect(response.status).toBe(503);
  expect(t.logged).toMatchObject([
    {
      level: 'error',
      message: 'request failed',
      fields: { method, path, code: 'database_unavailable', error: expect.stringContaining('connection refused') },
    },
  ]);
  expect(t.logged[0]?.fields?.requestId).toMatch(/^[0-9a-f-]{36}$/);
});

test('a refusal that is an answer is not for the log', async () => {
  const t = await createTestApp();
  await t.app.request('/trpc/users.me');
  await t.app.request('/platform/profile');
  await t.app.request('/nowhere', { headers: (await createPerson(t)).headers });
  expect(t.logged).toEqual([]);
});
