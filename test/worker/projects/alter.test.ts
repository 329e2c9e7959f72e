import { beforeEach, describe, expect, test } from 'vitest';
import type { SupafleetClient } from '../../../client/index.ts';
import type { Role } from '../../../schema/roles.ts';
import { clientOf } from '../../support/client.ts';
import { createOrganization, createPerson } from '../../support/people.ts';
import { createSeededApp, observeHealthy, type Seeded } from '../../support/seeded.ts';

describe('changing what a project is made of', () => {
  let t: Seeded;
  let owner: SupafleetClient;

  beforeEach(async () => {
    t = await createSeededApp();
    owner = clientOf(t, t.owner.token);
    await set({ release: '2026.06' });
    await t.client.execute({
      sql: "update hosts set runtime = 'compose' where id = (select host_id from projects where ref = ?)",
      args: [t.ref],
    });
  });

  const set = (columns: Record<string, string>) =>
    t.client.execute({
      sql: `update projects set ${Object.keys(columns).map((name) => `${name} = ?`)} where ref = ?`,
      args: [...Object.values(columns), t.ref],
    });
  const observe = (phase: string) =>
    t.client.execute({
      sql: `update observations set phase = ?,
              generation = (select generation from projects where projects.ref = observations.ref) where ref = ?`,
      args: [phase, t.ref],
    });
  const host = async () => {
    const { rows } = await t.client.execute({
      sql: 'select change_sequence from hosts where id = (select host_id from projects where ref = ?)',
      args: [t.ref],
    });
    return Number(rows[0]?.change_sequence);
  };
  const audited = async () => {
    const { rows } = await t.client.execute({
      sql: "select action, details from audit_entries where target = ? and action <> 'project.create' order by id",
      args: [t.ref],
    });
    return rows.map((row) => [row.action, JSON.parse(String(row.details))]);
  };
  const get = () => owner.projects.get.query({ ref: t.ref });

  type Case = [string, () => Promise<unknown>, Record<string, string>, string, string, Record<string, string>];
  const cases: Case[] = [
    [
      'size',
      () => owner.projects.resize.mutate({ ref: t.ref, size: 'large' }),
      { size: 'large' },
      'RESIZING',
      'project.resize',
      { size: 'large', before: 'micro' },
    ],
    [
      'profile',
      () => owner.projects.setProfile.mutate({ ref: t.ref, profile: 'full' }),
      { profile: 'full' },
      'RESIZING',
      'project.set-profile',
      { profile: 'full', before: 'standard' },
    ],
    [
      'release',
      () => owner.projects.upgrade.mutate({ ref: t.ref }),
      { release: '2026.09' },
      'UPGRADING',
      'project.upgrade',
      { release: '2026.09', before: '2026.06' },
    ],
  ];

  test.each(cases)(
    'another %s is desired state in two round trips, audited once, and up when its agent says so',
    async (_, ask, columns, status, action, details) => {
      const before = await host();
      t.roundTrips.reset();
      expect(await ask()).toMatchObject({ ...columns, status });
      expect(t.roundTrips.count).toBe(2);
      expect(await get()).toMatchObject({ ...columns, status });
      expect(await host()).toBe(before + 1);
      expect(await audited()).toEqual([[action, details]]);
      await observeHealthy(t, t.ref);
      expect(await get()).toMatchObject({ ...columns, status: 'ACTIVE_HEALTHY' });
      // what is so already is no change
      t.roundTrips.reset();
      expect(await ask()).toMatchObject({ ...columns, status: 'ACTIVE_HEALTHY' });
      expect(t.roundTrips.count).toBe(1);
      expect([await host(), (await audited()).length]).toEqual([before + 1, 1]);
    },
  );

  test('is decided by one of two who ask at the same time', async () => {
    const asked = await Promise.allSettled(
      ['small', 'large'].map((size) => owner.projects.resize.mutate({ ref: t.ref, size })),
    );
    expect(asked.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(asked.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'conflict' } });
    expect(await audited()).toHaveLength(1);
  });

  test.each<[Role, string | null]>([
    ['Owner', null],
    ['Administrator', null],
    ['Developer', 'forbidden'],
    ['Read-only', 'forbidden'],
  ])('is for administrators: %s', async (role, refused) => {
    const person = await createPerson(t);
    const { id } = await createOrganization(t, [{ person, role }]);
    await t.client.execute({ sql: 'update projects set organization_id = ? where ref = ?', args: [id, t.ref] });
    const { projects } = clientOf(t, person.token);
    for (const ask of [
      () => projects.resize.mutate({ ref: t.ref, size: 'large' }),
      () => projects.upgrade.mutate({ ref: t.ref }),
      () => projects.setProfile.mutate({ ref: t.ref, profile: 'minimal' }),
    ]) {
      if (refused === null) expect(await ask()).toMatchObject({ ref: t.ref });
      else await expect(ask()).rejects.toMatchObject({ code: refused });
    }
    await expect(owner.projects.resize.mutate({ ref: t.ref, size: 'large' })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('of a paused project waits for it to come back, but for a release', async () => {
    await set({ power: 'paused', change: 'pause' });
    await observe('stopped');
    expect(await owner.projects.resize.mutate({ ref: t.ref, size: 'large' })).toMatchObject({
      size: 'large',
      status: 'INACTIVE',
    });
    await expect(owner.projects.upgrade.mutate({ ref: t.ref })).rejects.toMatchObject({
      code: 'wrong_state',
      message: expect.stringContaining('restore it first'),
    });
    expect(await owner.projects.restore.mutate({ ref: t.ref })).toMatchObject({ size: 'large', status: 'RESTORING' });
  });

  test.each<[string, Record<string, string>, string, RegExp]>([
    ['back', { release: '2026.09' }, '2026.06', /going back to 2026\.06 is not possible/],
    ['to another Postgres', { postgres_version: '15' }, '2026.09', /has Postgres 17.* is of Postgres 15/],
  ])('never goes %s', async (_, columns, release, message) => {
    await set(columns);
    const before = await audited();
    await expect(owner.projects.upgrade.mutate({ ref: t.ref, release })).rejects.toMatchObject({
      code: 'wrong_state',
      message: expect.stringMatching(message),
    });
    expect(await audited()).toEqual(before);
  });

  test('is no upgrade where the agent brings the services itself', async () => {
    await t.client.execute({
      sql: "update hosts set runtime = 'embedded' where id = (select host_id from projects where ref = ?)",
      args: [t.ref],
    });
    await expect(owner.projects.upgrade.mutate({ ref: t.ref })).rejects.toMatchObject({
      code: 'wrong_state',
      message: expect.stringContaining('embedded'),
    });
  });

  test('waits until what is going on is over, and never follows a removal', async () => {
    await owner.projects.restart.mutate({ ref: t.ref });
    const resize = () => owner.projects.resize.mutate({ ref: t.ref, size: 'large' });
    await expect(resize()).rejects.toMatchObject({
      code: 'wrong_state',
      message: expect.stringContaining('RESTARTING'),
    });
    await observe('healthy');
    expect(await resize()).toMatchObject({ status: 'RESIZING' });
    // another mind, and then a removal, are possible on the way
    expect(await owner.projects.resize.mutate({ ref: t.ref, size: 'small' })).toMatchObject({ status: 'RESIZING' });
    expect(await owner.projects.remove.mutate({ ref: t.ref })).toMatchObject({ status: 'GOING_DOWN' });
    await expect(resize()).rejects.toMatchObject({ code: 'wrong_state' });
  });
});
