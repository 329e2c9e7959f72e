import { expect, test } from 'vitest';
import { version } from '../../worker/version.ts';
import { createTestApp } from '../support/app.ts';

test('a load balancer learns whether requests can be served, in one round trip and without a credential', async () => {
  const t = await createTestApp();
  t.roundTrips.reset();
  const response = await t.app.request('/health');
  expect([response.status, await response.json()]).toEqual([200, { status: 'ok', version, database: 'ok' }]);
  expect(t.roundTrips.count).toBe(1);
});

test('a database that does not answer is said to be so, with the reason in the log only', async () => {
  const t = await createTestApp();
  t.client.close();
  const response = await t.app.request('/health');
  expect([response.status, await response.json()]).toMatchObject([503, { database: 'unreachable' }]);
  expect(t.logged).toMatchObject([{ level: 'error', message: 'the database does not answer' }]);
});
