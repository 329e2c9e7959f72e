import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { genesis, nextHead } from '../../../schema/audit-chain.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { clientOf } from '../../support/client.ts';
import { createOrganization, createPerson, type Person } from '../../support/people.ts';
import { type ChainedOrganization, createChained } from './chained.ts';

describe('the audit log of an organization', () => {
  let t: TestApp;
  let owner: Person;
  let organization: ChainedOrganization;

  beforeAll(async () => {
    t = await createTestApp();
    owner = await createPerson(t);
  });
  beforeEach(async () => {
    organization = await createChained(t, owner, 5);
  });

  const sql = (text: string, ...args: (string | number | null)[]) => t.client.execute({ sql: text, args });
  const verify = (head?: { sequence: number; hash: string }) =>
    clientOf(t, owner.token).audit.verify.query({ organization: organization.slug, head });
  const head = () => clientOf(t, owner.token).audit.head.query({ organization: organization.slug });
  const rename = (name: string) => clientOf(t, owner.token).projects.rename.mutate({ ref: organization.ref, name });
  const idOf = async (sequence: number) => {
    const { rows } = await sql(
      'select id from audit_entries where organization_id = ? and sequence = ?',
      organization.id,
      sequence,
    );
    return Number(rows[0]?.id);
  };

  test('that nobody touched is whole, from the entry that made the organization to its head', async () => {
    expect(await verify()).toEqual({
      intact: true,
      entries: 6,
      head: { sequence: 6, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      removedUpTo: 0,
      fault: null,
      nextCursor: null,
    });
    const { rows } = await sql(
      'select sequence, seal from audit_entries where organization_id = ? order by id',
      organization.id,
    );
    expect(rows.map(({ sequence, seal }) => [sequence, seal !== null])).toEqual([
      [1, false],
      [2, false],
      [3, false],
      [4, false],
      [5, false],
      [6, true],
    ]);
  });

  test('that has its first entry only is whole too', async () => {
    organization = await createChained(t, owner, 0);
    expect(await verify()).toMatchObject({ intact: true, entries: 1, head: { sequence: 1 } });
  });

  test.each([
    ['at', 'at + 1'],
    ['actor_kind', "'system'"],
    ['actor_id', "'somebody'"],
    ['action', "'project.pause'"],
    ['target', "'other'"],
    ['request_id', "'other'"],
    ['address', "'192.0.2.1'"],
    ['route', "'GET /'"],
    ['credential', "'token'"],
    ['details', `'{"name":"other"}'`],
    ['hash', `'${'0'.repeat(64)}'`],
    ['seal', "'v1.x'"],
    ['sequence', 'null'],
    ['sequence', '100'],
    ['organization_id', 'null'],
    ['organization_id', '0'],
  ])('shows that %s of an entry was changed', async (column, value) => {
    const id = await idOf(3);
    await sql(`update audit_entries set ${column} = ${value} where id = ?`, id);
    expect(await verify()).toMatchObject({ intact: false, fault: { sequence: 3 } });
  });

  test('shows that the seal of the last entry was taken off, or that of the head exchanged', async () => {
    const last = await idOf(6);
    const { rows } = await sql('select seal from audit_entries where id = ?', last);
    await sql('update audit_entries set seal = null where id = ?', last);
    expect(await verify()).toMatchObject({ fault: { sequence: 6 } });
    await sql('update audit_entries set seal = ? where id = ?', rows[0]?.seal as string, last);
    expect((await verify()).intact).toBe(true);
    await sql("update audit_heads set seal = 'v1.a.b.c.d.e' where organization_id = ?", organization.id);
    await sql("update audit_entries set seal = 'v1.a.b.c.d.e' where id = ?", last);
    expect(await verify()).toMatchObject({ fault: { sequence: 6, what: expect.stringContaining('sealed') } });
  });

  test.each([1, 3, 6])('shows that entry %i was removed', async (sequence) => {
    await sql('delete from audit_entries where id = ?', await idOf(sequence));
    expect(await verify()).toMatchObject({ intact: false, fault: { sequence } });
  });

  test('shows that two entries changed places, by their ids or by their numbers', async () => {
    const [a, b] = [await idOf(2), await idOf(4)];
    await sql('update audit_entries set id = -1 where id = ?', a);
    await sql('update audit_entries set id = ? where id = ?', a, b);
    await sql('update audit_entries set id = ? where id = -1', b);
    expect(await verify()).toMatchObject({ fault: { sequence: 2 } });

    organization = await createChained(t, owner, 5);
    const [c, d] = [await idOf(2), await idOf(4)];
    await sql('update audit_entries set sequence = 100 where id = ?', c);
    await sql('update audit_entries set sequence = 2 where id = ?', d);
    await sql('update audit_entries set sequence = 4 where id = ?', c);
    expect(await verify()).toMatchObject({ fault: { sequence: 2 } });
  });

  const insert = (id: number | null, sequence: number | null) =>
    sql(
      `insert into audit_entries (id, at, organization_id, actor_kind, actor_id, action, target, request_id, details, sequence, hash, seal)
       values (?, 1, ?, 'account', ?, 'project.remove', 'x', 'x', '{}', ?, 'x', 'x')`,
      id,
      organization.id,
      owner.accountId,
      sequence,
    );

  test('shows that an entry was put in, with a number or without one', async () => {
    await insert(null, null);
    expect(await verify()).toMatchObject({ fault: { sequence: 7, what: expect.stringContaining('without a number') } });
    organization = await createChained(t, owner, 2);
    await insert(-organization.id, null);
    expect(await verify()).toMatchObject({ fault: { sequence: 1 } });
    organization = await createChained(t, owner, 2);
    await insert(null, 4);
    expect(await verify()).toMatchObject({ fault: { sequence: 4 } });
  });

  test('shows that the end was cut off, also with the head made to match', async () => {
    const kept = await head();
    if (kept === null) throw new Error('there is no head');
    const { rows } = await sql(
      'select hash from audit_entries where organization_id = ? and sequence = 4',
      organization.id,
    );
    await sql('delete from audit_entries where organization_id = ? and sequence > 4', organization.id);
    expect(await verify()).toMatchObject({ fault: { sequence: 5 } });
    await sql(
      'update audit_heads set sequence = 4, hash = ? where organization_id = ?',
      rows[0]?.hash as string,
      organization.id,
    );
    await sql(
      'update audit_entries set seal = (select seal from audit_heads where organization_id = ?) where id = ?',
      organization.id,
      await idOf(4),
    );
    expect(await verify(), 'no seal fits an earlier entry').toMatchObject({ fault: { sequence: 4 } });
  });

  test('shows by a head that was kept elsewhere that a whole older state was put in place', async () => {
    const before = await sql('select * from audit_heads where organization_id = ?', organization.id);
    const entry = await sql('select seal from audit_entries where id = ?', await idOf(6));
    await rename('later');
    const kept = await head();
    if (kept === null) throw new Error('there is no head');
    await sql('delete from audit_entries where organization_id = ? and sequence > 6', organization.id);
    await sql(
      'update audit_heads set sequence = 6, hash = ?, seal = ? where organization_id = ?',
      before.rows[0]?.hash as string,
      before.rows[0]?.seal as string,
      organization.id,
    );
    await sql('update audit_entries set seal = ? where id = ?', entry.rows[0]?.seal as string, await idOf(6));
    expect((await verify()).intact, 'by itself it is what it once was').toBe(true);
    expect(await verify(kept)).toMatchObject({ intact: false, fault: { sequence: 6 } });
    // and when it went on from there differently
    await rename('another');
    expect((await verify()).intact).toBe(true);
    expect(await verify(kept)).toMatchObject({ intact: false, fault: { sequence: 7 } });
  });

  test('shows that all of it was removed with its head, to who kept a head', async () => {
    const kept = await head();
    if (kept === null) throw new Error('there is no head');
    await sql('delete from audit_entries where organization_id = ?', organization.id);
    expect(await verify()).toMatchObject({ intact: false });
    await sql('delete from audit_heads where organization_id = ?', organization.id);
    expect(await verify(kept)).toMatchObject({ intact: false, fault: { sequence: 6 } });
  });

  test('shows that it was written anew from some entry on by who has only the database', async () => {
    const { rows } = await sql(
      `select id, at, actor_kind, actor_id, action, target, request_id, address, route, credential, details
       from audit_entries where organization_id = ? order by sequence`,
      organization.id,
    );
    let last = genesis;
    for (const row of rows) {
      const details = last.sequence === 2 ? '{"name":"forged"}' : String(row.details);
      last = await nextHead(last, {
        at: Number(row.at),
        actorKind: String(row.actor_kind),
        actorId: String(row.actor_id),
        action: String(row.action),
        target: String(row.target),
        requestId: String(row.request_id),
        address: null,
        route: row.route === null ? null : String(row.route),
        credential: row.credential === null ? null : String(row.credential),
        details,
      });
      await sql('update audit_entries set details = ?, hash = ? where id = ?', details, last.hash, Number(row.id));
    }
    await sql('update audit_heads set hash = ? where organization_id = ?', last.hash, organization.id);
    expect(await verify()).toMatchObject({ fault: { sequence: 6, what: expect.stringContaining('sealed') } });
  });

  test("shows that another organization's record was put in its place", async () => {
    const other = await createChained(t, owner, 1);
    await sql('delete from audit_entries where organization_id = ?', organization.id);
    await sql('update audit_entries set organization_id = ? where organization_id = ?', organization.id, other.id);
    await sql('delete from audit_heads where organization_id = ?', organization.id);
    await sql('update audit_heads set organization_id = ? where organization_id = ?', organization.id, other.id);
    expect(await verify()).toMatchObject({ fault: { what: expect.stringContaining('sealed') } });
  });

  test('goes on behind entries from before there were chains', async () => {
    const legacy = await createOrganization(t, [{ person: owner, role: 'Owner' }]);
    organization = { ...legacy, ref: '' };
    expect(await verify()).toMatchObject({ intact: true, entries: 0, head: null });
    await insert(null, null);
    await t.app.request('/platform/projects', { headers: owner.headers });
    const chained = await createChained(t, owner, 0);
    await sql('update projects set organization_id = ? where ref = ?', legacy.id, chained.ref);
    await clientOf(t, owner.token).projects.rename.mutate({ ref: chained.ref, name: 'first of a chain' });
    expect(await verify()).toMatchObject({ intact: true, entries: 2, head: { sequence: 1 } });
  });

  test('is looked at in parts, each of which goes on where the one before ended', async () => {
    const entry = (index: number) => ({
      at: index,
      actorKind: 'system',
      actorId: 'x',
      action: 'project.update',
      target: 'x',
      requestId: 'x',
      address: null,
      route: null,
      credential: null,
      details: '{}',
    });
    const { rows } = await sql('select hash, seal from audit_heads where organization_id = ?', organization.id);
    let last = { sequence: 6, hash: String(rows[0]?.hash) };
    const inserts = [];
    for (let index = 0; index < 1996; index += 1) {
      last = await nextHead(last, entry(index));
      inserts.push([organization.id, last.sequence, last.hash, index]);
    }
    await sql(
      `insert into audit_entries (organization_id, sequence, hash, at, actor_kind, actor_id, action, target, request_id, details, seal)
       select value ->> 0, value ->> 1, value ->> 2, value ->> 3, 'system', 'x', 'project.update', 'x', 'x', '{}', 'x' from json_each(?)`,
      JSON.stringify(inserts),
    );
    await sql('update audit_entries set seal = null where organization_id = ? and sequence < 2002', organization.id);
    const audit = clientOf(t, owner.token).audit;
    const parts = [];
    let cursor: string | undefined;
    for (;;) {
      const part = await audit.verify.query({ organization: organization.slug, cursor });
      parts.push(part);
      if (part.nextCursor === null) break;
      cursor = part.nextCursor;
    }
    expect(parts.map(({ entries, intact }) => [entries, intact])).toEqual([
      [1000, true],
      [1000, true],
      [2, false],
    ]);
    expect(parts.at(-1)?.fault, 'the head of this test was sealed by nobody').toMatchObject({ sequence: 2002 });
  });
});
