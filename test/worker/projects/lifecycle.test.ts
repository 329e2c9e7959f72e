import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { clientOf } from '../../support/client.ts';
import { contractMissing, loadContract } from '../../support/contract.ts';
import { createPerson } from '../../support/people.ts';
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

  describe('on a host that was revoked', () => {
    const leftOver = async () => {
      const { rows } = await t.client.execute({
        sql: `select (select count(*) from projects where ref = ?) + (select count(*) from project_secrets where ref = ?)
                     + (select count(*) from api_keys where ref = ?) as left_over`,
        args: [t.ref, t.ref, t.ref],
      });
      return rows[0]?.left_over;
    };
    const removals = async () => {
      const { rows } = await t.client.execute({
        sql: `select action, details from audit_entries where target = ? and action like 'project.remove%' order by id`,
        args: [t.ref],
      });
      return rows.map((row) => [row.action, JSON.parse(String(row.details))]);
    };
    const revoke = async () => {
      const { rows } = await t.client.execute({ sql: 'select host_id from projects where ref = ?', args: [t.ref] });
      const operator = await createPerson(t, { isOperator: true });
      await clientOf(t, operator.token).hosts.revoke.mutate({ id: String(rows[0]?.host_id) });
    };
    const because = expect.objectContaining({ hostRevoked: true, mayBeLeftThere: expect.any(String) });

    test('is unknown at once, says why, is sent no secret, and can only be removed', async () => {
      await revoke();
      expect(await statusNow()).toBe('UNKNOWN');
      expect((await call('GET', '')).body).toMatchObject({ status_reason: expect.stringContaining('revoked') });
      for (const path of ['/pause', '/restart', '/restore']) expect((await call('POST', path, {})).status).toBe(409);
      const asked = t.asked.length;
      const query = await send(t, t.owner, 'POST', `/platform/pg-meta/${t.ref}/query`, { query: 'select 1' });
      expect([query.status, t.asked.length]).toEqual([409, asked]);
      const list = `/platform/organizations/${t.organization.slug}/projects?statuses=UNKNOWN`;
      expect((await send(t, t.owner, 'GET', list)).body).toMatchObject({ projects: [{ ref: t.ref }] });
    });

    test('goes at once when it is removed, with everything sealed of it, and the audit log says what may be left', async () => {
      await revoke();
      expect((await call('DELETE', '', undefined, t.reader)).status).toBe(403);
      t.roundTrips.reset();
      expect((await call('DELETE')).status).toBe(200);
      expect(t.roundTrips.count).toBe(2);
      expect(await leftOver()).toBe(0);
      expect(await removals()).toEqual([
        ['project.remove', {}],
        ['project.removed', because],
      ]);
      expect((await call('DELETE')).status).toBe(404);
    });

    test('goes with the revocation when it was being removed', async () => {
      expect((await call('DELETE')).status).toBe(200);
      await revoke();
      expect(await leftOver()).toBe(0);
      expect(await removals()).toEqual([
        ['project.remove', {}],
        ['project.removed', because],
      ]);
    });

    test('goes when its removal and the revocation crossed', async () => {
      await revoke();
      await t.client.execute({ sql: "update projects set power = 'removed' where ref = ?", args: [t.ref] });
      expect((await call('DELETE')).status).toBe(200);
      expect(await leftOver()).toBe(0);
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
