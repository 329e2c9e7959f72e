import { randomBytes } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sha256Hex } from '../../../worker/auth/digest.ts';
import { openDatabase } from '../../../worker/store/db.ts';
import { createStores } from '../../../worker/store/stores.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { chainOf } from '../../support/chain.ts';
import { clientOf } from '../../support/client.ts';
import { startOwnDatabase } from '../../support/own-database.ts';
import { createHost, createPerson, createProject, type Person } from '../../support/people.ts';
import { type ChainedOrganization, createChained } from './chained.ts';

describe('a change of an organization', () => {
  let t: TestApp;
  let owner: Person;
  let organization: ChainedOrganization;

  beforeAll(async () => {
    t = await createTestApp();
    owner = await createPerson(t);
  });
  beforeEach(async () => {
    organization = await createChained(t, owner, 1);
  });

  const rename = (on: TestApp, ref: string, name: string) =>
    clientOf(on, owner.token).projects.rename.mutate({ ref, name });
  const verify = () => clientOf(t, owner.token).audit.verify.query({ organization: organization.slug });
  const rowsOf = async () =>
    (
      await t.client.execute({
        sql: 'select * from audit_entries where organization_id = ? order by id',
        args: [organization.id],
      })
    ).rows;

  test('says by which route and with what it was asked for, without what was put into the route', async () => {
    const [created, renamed] = await rowsOf();
    expect(created).toMatchObject({ route: 'POST /trpc/organizations.create', credential: 'session' });
    expect(renamed).toMatchObject({ route: 'POST /trpc/projects.rename', credential: 'session' });
    await t.app.request(`/v1/projects/${organization.ref}`, {
      method: 'DELETE',
      headers: owner.headers,
    });
    expect((await rowsOf()).at(-1)).toMatchObject({ action: 'project.remove', route: 'DELETE /v1/projects/{ref}' });
  });

  test('of which two entries come in one batch numbers them up', async () => {
    await t.client.execute({ sql: 'update projects set first_port = null where ref = ?', args: [organization.ref] });
    await clientOf(t, owner.token).projects.remove.mutate({ ref: organization.ref });
    expect((await rowsOf()).map(({ action, sequence }) => [action, sequence])).toEqual([
      ['organization.create', 1],
      ['project.update', 2],
      ['project.remove', 3],
      ['project.removed', 4],
    ]);
    expect((await verify()).intact).toBe(true);
  });

  test('costs two round trips, also in a worker that knows nothing of the organization yet', async () => {
    for (let round = 0; round < 2; round += 1) {
      const { vault, random } = t.deps;
      t.deps.store = createStores(openDatabase(t.client, chainOf(vault, random)));
      t.roundTrips.reset();
      await rename(t, organization.ref, `cold ${round}`);
      expect(t.roundTrips.count).toBe(2);
    }
    expect((await verify()).intact).toBe(true);
  });

  test('that comes after another worker added an entry goes on from there', async () => {
    // all of them make their links for the same head, and all but one find another
    const results = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => rename(t, organization.ref, `at once ${index}`)),
    );
    expect(results).toHaveLength(20);
    const rows = await rowsOf();
    expect(rows.map(({ sequence }) => sequence)).toEqual(rows.map((_, index) => index + 1));
    expect(rows).toHaveLength(22);
    expect(await verify()).toMatchObject({ intact: true, entries: 22 });
  });

  test('that lost its race leaves no entry and no gap', async () => {
    const { projects } = clientOf(t, owner.token);
    const paused = await Promise.allSettled([
      projects.pause.mutate({ ref: organization.ref }),
      projects.pause.mutate({ ref: organization.ref }),
      projects.pause.mutate({ ref: organization.ref }),
    ]);
    expect(paused.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    expect((await rowsOf()).filter(({ action }) => action === 'project.pause')).toHaveLength(1);
    expect((await verify()).intact).toBe(true);
  });

  test('is refused where the record does not fit together any more, and is not done', async () => {
    await t.client.execute({
      sql: "update audit_heads set sequence = 1, hash = 'x' where organization_id = ?",
      args: [organization.id],
    });
    await expect(rename(t, organization.ref, 'unrecorded')).rejects.toMatchObject({ code: 'overloaded' });
    const { rows } = await t.client.execute({
      sql: 'select name from projects where ref = ?',
      args: [organization.ref],
    });
    expect(rows[0]?.name).toBe('name 0');
  });
});

/** Somebody whose token outlives what the clock is moved by. */
async function createOldHand(t: TestApp): Promise<Person> {
  const person = await createPerson(t);
  const token = `sbp_${randomBytes(20).toString('hex')}`;
  await t.client.execute({
    sql: "insert into access_tokens (account_id, name, hash, alias, created_at) values (?, 'old', ?, '', 0)",
    args: [person.accountId, await sha256Hex(token)],
  });
  return { ...person, token };
}

describe('retention of chained entries', () => {
  test('takes the beginning of the chain only, and what is left is still whole', async () => {
    const database = await startOwnDatabase();
    try {
      const t = database.use(await createTestApp({ config: { auditRetentionDays: 30 } }));
      const owner = await createOldHand(t);
      const person = () => clientOf(t, owner.token);
      const organization = await createChained(t, owner, 3);
      const tick = async () => {
        const response = await t.app.request('/tick', { method: 'POST', headers: { authorization: 'Bearer tick' } });
        return response.json();
      };
      const verify = () => person().audit.verify.query({ organization: organization.slug });
      const kept = await person().audit.head.query({ organization: organization.slug });

      t.clock.advance(20 * 86_400_000);
      await person().projects.rename.mutate({ ref: organization.ref, name: 'younger' });
      t.clock.advance(11 * 86_400_000);
      expect(await tick()).toMatchObject({ audit_entries_removed: 4 });
      expect(await verify()).toMatchObject({ intact: true, entries: 1, removedUpTo: 4, head: { sequence: 5 } });
      const withHead = await person().audit.verify.query({
        organization: organization.slug,
        head: kept ?? undefined,
      });
      expect(withHead.intact, 'the head of before is where the chain was cut').toBe(true);
      expect(await tick()).toMatchObject({ audit_entries_removed: 0 });

      t.clock.advance(20 * 86_400_000);
      expect(await tick()).toMatchObject({ audit_entries_removed: 1 });
      expect(await verify()).toMatchObject({ intact: true, entries: 0, removedUpTo: 5, head: { sequence: 5 } });
      await person().projects.rename.mutate({ ref: organization.ref, name: 'goes on' });
      expect(await verify()).toMatchObject({ intact: true, entries: 1, head: { sequence: 6 } });

      await t.client.execute({
        sql: 'update audit_heads set anchor_sequence = 6, anchor_hash = hash, anchor_seal = seal where organization_id = ?',
        args: [organization.id],
      });
      await t.client.execute({ sql: 'delete from audit_entries where sequence is not null', args: [] });
      expect(await verify(), 'who has only the database cannot cut').toMatchObject({
        intact: false,
        fault: { sequence: 6, what: expect.stringContaining('retention') },
      });
    } finally {
      await database.stop();
    }
  });

  test('leaves a chain alone from which somebody else removed the beginning', async () => {
    const database = await startOwnDatabase();
    try {
      const t = database.use(await createTestApp({ config: { auditRetentionDays: 30 } }));
      const owner = await createOldHand(t);
      const organization = await createChained(t, owner, 3);
      await t.client.execute({ sql: 'delete from audit_entries where sequence = 1', args: [] });
      t.clock.advance(31 * 86_400_000);
      await t.app.request('/tick', { method: 'POST', headers: { authorization: 'Bearer tick' } });
      const verdict = await clientOf(t, owner.token).audit.verify.query({ organization: organization.slug });
      expect(verdict).toMatchObject({ intact: false, removedUpTo: 0, fault: { sequence: 1 } });
    } finally {
      await database.stop();
    }
  });
});

test('the project of an organization without any entry yet begins its chain', async () => {
  const t = await createTestApp();
  const owner = await createPerson(t);
  const { id, slug, ref } = await createChained(t, owner, 0);
  const host = await createHost(t);
  const second = await createProject(t, { id, slug, name: '' }, host);
  await clientOf(t, owner.token).projects.rename.mutate({ ref: second.ref, name: 'second' });
  await clientOf(t, owner.token).projects.rename.mutate({ ref, name: 'first' });
  const { intact, entries } = await clientOf(t, owner.token).audit.verify.query({ organization: slug });
  expect([intact, entries]).toEqual([true, 3]);
});
