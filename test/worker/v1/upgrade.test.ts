import { beforeEach, describe, expect, test } from 'vitest';
import { contractMissing, loadContract } from '../../support/contract.ts';
import { send } from '../../support/requests.ts';
import { createSeededApp, observeHealthy, type Seeded } from '../../support/seeded.ts';

const older = 'supabase-postgres-17.6.1.132';
const newest = 'supabase-postgres-17.6.1.136';

describe('upgrades as Studio and the Management API ask for them', () => {
  let t: Seeded;

  beforeEach(async () => {
    t = await createSeededApp();
    await t.client.batch(
      [
        { sql: "update projects set release = '2026.06' where ref = ?", args: [t.ref] },
        {
          sql: "update hosts set runtime = 'compose' where id = (select host_id from projects where ref = ?)",
          args: [t.ref],
        },
      ],
      'write',
    );
  });

  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await send(t, t.owner, method, `/v1/projects/${t.ref}${path}`, body);
    if (contractMissing === null && answer.status < 300 && answer.body !== null) {
      loadContract().expectConforms(
        method,
        `/v1/projects/{ref}${path.replace(/\?.*/, '')}`,
        answer.status,
        answer.body,
      );
    }
    return answer;
  };
  const eligibility = async () => (await call('GET', '/upgrade/eligibility')).body;
  const state = async () => (await call('GET', '/upgrade/status?tracking_id=x')).body;

  test('name the versions of the releases there are, in one round trip', async () => {
    t.roundTrips.reset();
    expect(await eligibility()).toMatchObject({
      eligible: true,
      current_app_version: older,
      latest_app_version: newest,
      target_upgrade_versions: [{ postgres_version: '17', release_channel: 'ga', app_version: newest }],
      validation_errors: [],
    });
    expect(await state()).toEqual({ databaseUpgradeStatus: null });
    expect(t.roundTrips.count).toBe(2);
  });

  test('find none beyond the newest, where no images make the stack, and while the project is paused', async () => {
    await t.client.execute({ sql: "update projects set release = '2026.09' where ref = ?", args: [t.ref] });
    expect(await eligibility()).toMatchObject({
      eligible: false,
      current_app_version: newest,
      latest_app_version: newest,
      target_upgrade_versions: [],
    });
    await t.client.execute({
      sql: "update projects set release = '2026.06', power = 'paused' where ref = ?",
      args: [t.ref],
    });
    expect(await eligibility()).toMatchObject({
      eligible: false,
      validation_errors: [{ type: 'project_hibernating' }],
    });
    await t.client.execute({
      sql: "update hosts set runtime = 'embedded' where id = (select host_id from projects where ref = ?)",
      args: [t.ref],
    });
    expect(await eligibility()).toMatchObject({ eligible: false, current_app_version: 'supabase-postgres-17' });
  });

  test.each(['17', newest, '17.6.1.136', '2026.09'])('go to %s, and tell how far they are', async (target_version) => {
    t.roundTrips.reset();
    const asked = await call('POST', '/upgrade', { target_version, release_channel: 'ga' });
    expect([asked.status, t.roundTrips.count]).toEqual([201, 2]);
    expect(asked.body).toEqual({ tracking_id: expect.stringContaining(t.ref) });
    expect(await state()).toMatchObject({ databaseUpgradeStatus: { status: 0, progress: '0_requested' } });
    expect((await call('GET', '')).body).toMatchObject({ status: 'UPGRADING', database: { version: '17.6.1.136' } });
    await observeHealthy(t, t.ref);
    await t.client.execute({
      sql: "update observations set phase = 'starting', healthy_generation = 1 where ref = ?",
      args: [t.ref],
    });
    expect(await state()).toMatchObject({ databaseUpgradeStatus: { status: 0, progress: '1_started' } });
    await t.client.execute({ sql: "update observations set phase = 'failed' where ref = ?", args: [t.ref] });
    expect(await state()).toMatchObject({ databaseUpgradeStatus: { status: 2, error: expect.any(String) } });
    await observeHealthy(t, t.ref);
    expect(await state()).toMatchObject({ databaseUpgradeStatus: { status: 1, target_version: 17 } });
    expect((await call('GET', '')).body).toMatchObject({ status: 'ACTIVE_HEALTHY' });
  });

  test.each<[unknown, number, RegExp]>([
    [{ target_version: '18' }, 400, /target_version.*17\.6\.1\.136/],
    [{ target_version: '__proto__' }, 400, /target_version/],
    [{ target_version: 17 }, 400, /target_version/],
    [{ target_version: '17', release_channel: 'beta' }, 400, /release_channel/],
    [{}, 400, /target_version/],
  ])('refuse %j', async (body, status, message) => {
    const answer = await call('POST', '/upgrade', body);
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([status, expect.stringMatching(message)]);
  });

  test('show the version of the release wherever one is shown', async () => {
    const detail = await send(t, t.owner, 'GET', `/platform/projects/${t.ref}`);
    expect(detail.body).toMatchObject({ dbVersion: older, infra_compute_size: 'micro' });
    const versions = await send(t, t.owner, 'GET', `/platform/projects/${t.ref}/service-versions`);
    expect(versions.body).toMatchObject({ 'supabase-postgres': '17.6.1.132' });
    const restorable = await send(t, t.owner, 'GET', `/platform/projects/${t.ref}/restore/versions`);
    expect(restorable.body).toMatchObject({ available_versions: [{ postgres_engine: '17', version: older }] });
    const offered = await send(
      t,
      t.owner,
      'POST',
      `/platform/organizations/${t.organization.slug}/available-versions`,
      {},
    );
    expect(offered.body).toMatchObject({ available_versions: [{ version: newest }] });
  });
});
