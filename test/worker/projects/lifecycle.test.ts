import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { contractMissing, loadContract } from '../../support/contract.ts';
import { send } from '../../support/requests.ts';
import { createSeededApp, observeHealthy, type Seeded } from '../../support/seeded.ts';

describe('the life of a project', () => {
  let t: Seeded;

  beforeEach(async () => {
    t = await createSeededApp();
  });

  const call = (method: string, path = '', body?: unknown, person = t.owner) =>
    send(t, person, method, `/platform/projects/${t.ref}${path}`, body);
  const statusNow = async () => z.object({ status: z.string() }).parse((await call('GET', '/status')).body).status;

  /** What the agent reports once it has acted on what is desired now. */
  async function observe(phase: string, reason: string | null = null): Promise<void> {
    await t.client.execute({
      sql: `update observations set phase = ?, reason = ?,
              generation = (select generation from projects where projects.ref = observations.ref) where ref = ?`,
      args: [phase, reason, t.ref],
    });
  }

  const conforms = (method: string, path: string, body: unknown) => {
    if (contractMissing === null) loadContract().expectConforms(method, `/platform/projects/{ref}${path}`, 200, body);
  };

  test('runs from pause to restore through the statuses Studio waits for', async () => {
    expect(await statusNow()).toBe('ACTIVE_HEALTHY');
    t.roundTrips.reset();
    expect((await call('POST', '/pause')).status).toBe(201);
    expect(t.roundTrips.count).toBe(2);
    expect(await statusNow()).toBe('PAUSING');
    expect((await call('POST', '/pause')).status).toBe(409);
    await observe('stopped');
    expect(await statusNow()).toBe('INACTIVE');
    expect((await call('GET', '/pause/status')).body).toMatchObject({
      can_restore: true,
      last_paused_on: new Date(t.clock.now()).toISOString(),
    });
    expect((await call('POST', '/restart')).status).toBe(409);
    const restored = await call('POST', '/restore', {});
    expect([restored.status, restored.body]).toMatchObject([200, { status: 'RESTORING' }]);
    conforms('POST', '/restore', restored.body);
    expect((await call('POST', '/restore', {})).status).toBe(409);
    await observeHealthy(t, t.ref);
    expect(await statusNow()).toBe('ACTIVE_HEALTHY');
  });

  test('restarts as a whole, whichever services were named', async () => {
    const body = { restartRequest: { region: 'us-east-2', services: ['postgrest'] } };
    expect((await call('POST', '/restart-services', body)).status).toBe(201);
    expect(await statusNow()).toBe('RESTARTING');
    const { rows } = await t.client.execute({ sql: 'select restarts from projects where ref = ?', args: [t.ref] });
    expect(rows[0]?.restarts).toBe(1);
  });

  test('says why it is not up wherever its status is read', async () => {
    await observe('failed', 'The data directory is full');
    expect(await statusNow()).toBe('ACTIVE_UNHEALTHY');
    for (const path of ['', '/status']) {
      expect((await call('GET', path)).body).toMatchObject({ status_reason: 'The data directory is full' });
    }
    const health = await send(t, t.owner, 'GET', `/v1/projects/${t.ref}/health?services=db`);
    expect(health.body).toMatchObject([{ status: 'UNHEALTHY', error: expect.any(String) }]);
  });

  test('can be paused, or restored, or removed while its host is silent', async () => {
    t.clock.advance(1_800_000);
    expect(await statusNow()).toBe('UNKNOWN');
    expect((await call('POST', '/restore', {})).status).toBe(409);
    expect((await call('POST', '/pause')).status).toBe(201);
    expect(await statusNow()).toBe('UNKNOWN');
    expect((await call('POST', '/restore', {})).status).toBe(200);
    expect((await call('DELETE')).status).toBe(200);
    expect(await statusNow()).toBe('GOING_DOWN');
  });

  test('ends with its removal asked for once, however often it is sent', async () => {
    expect((await call('DELETE', '', undefined, t.reader)).status).toBe(403);
    expect((await call('DELETE', '', undefined, t.stranger)).status).toBe(404);
    const first = await call('DELETE');
    expect([first.status, first.body]).toMatchObject([200, { ref: t.ref, name: 'Conforming' }]);
    conforms('DELETE', '', first.body);
    expect((await call('DELETE')).body).toEqual(first.body);
    expect(await statusNow()).toBe('GOING_DOWN');
    for (const path of ['/pause', '/restart']) expect((await call('POST', path)).status).toBe(409);
    expect((await call('PATCH', '', { name: 'Back again' })).status).toBe(409);
    const { rows } = await t.client.execute({
      sql: `select count(*) as count from audit_entries where target = ? and action = 'project.remove'`,
      args: [t.ref],
    });
    expect(rows[0]?.count).toBe(1);
  });

  test('ends at once when it never had ports, with everything sealed of it', async () => {
    await t.client.batch(
      [
        { sql: 'delete from observations where ref = ?', args: [t.ref] },
        { sql: 'update projects set first_port = null where ref = ?', args: [t.ref] },
      ],
      'write',
    );
    expect(await statusNow()).toBe('INIT_FAILED');
    t.roundTrips.reset();
    expect((await call('DELETE')).status).toBe(200);
    expect(t.roundTrips.count).toBe(2);
    expect((await call('GET')).status).toBe(404);
    expect((await call('DELETE')).status).toBe(404);
    const { rows } = await t.client.execute({
      sql: `select (select count(*) from project_secrets where ref = ?) + (select count(*) from api_keys where ref = ?) as left_over,
                   (select group_concat(action) from audit_entries where target = ?) as audited`,
      args: [t.ref, t.ref, t.ref],
    });
    expect(rows[0]).toMatchObject({
      left_over: 0,
      audited: 'project.create,project.remove,project.removed',
    });
  });

  test('takes a new name, and no one else’s', async () => {
    t.roundTrips.reset();
    const renamed = await call('PATCH', '', { name: 'Älteste "Fassung"', ref: 'x', power: 'removed' });
    expect(t.roundTrips.count).toBe(2);
    expect([renamed.status, renamed.body]).toMatchObject([200, { ref: t.ref, name: 'Älteste "Fassung"' }]);
    expect(await statusNow()).toBe('ACTIVE_HEALTHY');
    conforms('PATCH', '', renamed.body);
    expect((await call('PATCH', '', { name: 'Mine' }, t.reader)).status).toBe(403);
    expect((await call('PATCH', '', {})).status).toBe(400);
    const other = await send(t, t.owner, 'POST', '/platform/projects', {
      organization_slug: t.organization.slug,
      name: 'Other',
    });
    expect(other.status).toBe(201);
    const taken = await call('PATCH', '', { name: 'Other' });
    expect([taken.status, taken.body]).toMatchObject([409, { message: expect.stringContaining('already exists') }]);
  });
});
