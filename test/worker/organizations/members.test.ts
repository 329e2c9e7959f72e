import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { memberRoleId } from '../../../schema/role-ids.ts';
import type { Role } from '../../../schema/roles.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { contractMissing, loadContract } from '../../support/contract.ts';
import {
  assignProject,
  createHost,
  createOrganization,
  createPerson,
  createProject,
  type Person,
  type TestHost,
  type TestOrganization,
} from '../../support/people.ts';
import { send } from '../../support/requests.ts';

const memberWire = z.object({ gotrue_id: z.string(), role_ids: z.array(z.number()), mfa_enabled: z.boolean() });

describe('members of an organization', () => {
  let t: TestApp;
  let host: TestHost;
  let owner: Person;
  let administrator: Person;
  let developer: Person;
  let stranger: Person;
  let organization: TestOrganization;
  let first: string;
  let second: string;
  let foreign: string;
  let path: string;

  beforeAll(async () => {
    t = await createTestApp();
    host = await createHost(t);
    stranger = await createPerson(t);
    const elsewhere = await createOrganization(t, [{ person: stranger, role: 'Owner' }]);
    foreign = (await createProject(t, elsewhere, host)).ref;
  });
  beforeEach(async () => {
    [owner, administrator, developer] = await Promise.all([createPerson(t), createPerson(t), createPerson(t)]);
    organization = await createOrganization(t, [
      { person: owner, role: 'Owner' },
      { person: administrator, role: 'Administrator' },
      { person: developer, role: 'Developer' },
    ]);
    first = (await createProject(t, organization, host)).ref;
    second = (await createProject(t, organization, host)).ref;
    path = `/platform/organizations/${organization.slug}/members`;
  });

  const standing = async ({ accountId }: Person) => {
    const { rows } = await t.client.execute({
      sql: `select m.role, (select group_concat(ref || ' ' || role) from (
                select ref, role from project_roles as r where r.account_id = m.account_id order by ref = ?, ref)) as roles
            from memberships as m where m.account_id = ? and m.organization_id = ?`,
      args: [second, accountId, organization.id],
    });
    const [row] = rows;
    return row === undefined ? null : [row.role, row.roles];
  };
  const numberOf = async ({ accountId }: Person) => {
    const { rows } = await t.client.execute({ sql: 'select number from accounts where id = ?', args: [accountId] });
    return Number(rows[0]?.number);
  };
  const assign = (by: Person, to: Person, roleId: number, refs?: string[]) =>
    send(t, by, 'PATCH', `${path}/${to.accountId}`, { role_id: roleId, ...(refs && { role_scoped_projects: refs }) });
  const remove = (by: Person, whom: Person) => send(t, by, 'DELETE', `${path}/${whom.accountId}`);
  const take = (by: Person, from: Person, roleId: number) =>
    send(t, by, 'DELETE', `${path}/${from.accountId}/roles/${roleId}`);
  const replace = (by: Person, to: Person, roleId: number, refs: string[]) =>
    send(t, by, 'PUT', `${path}/${to.accountId}/roles/${roleId}`, { name: 'x', role_scoped_projects: refs });
  const audited = async () => {
    const { rows } = await t.client.execute({
      sql: "select action, target, details from audit_entries where organization_id = ? and action <> 'access.refused' order by id",
      args: [organization.id],
    });
    return rows.map(({ action, target, details }) => [action, target, JSON.parse(String(details))]);
  };

  test('are listed in one round trip, with their roles and whether they have a second factor', async () => {
    await assignProject(t, { person: stranger, slug: organization.slug, ref: first, role: 'Read-only' });
    await t.client.execute({
      sql: `insert into mfa_factors (id, account_id, friendly_name, status, secret, created_at, updated_at)
            values (?, ?, 'f', 'verified', '', 0, 0), (?, ?, 'g', 'unverified', '', 0, 0)`,
      args: [crypto.randomUUID(), developer.accountId, crypto.randomUUID(), administrator.accountId],
    });
    t.roundTrips.reset();
    const { status, body } = await send(t, owner, 'GET', path);
    expect([status, t.roundTrips.count]).toEqual([200, 1]);
    if (contractMissing === null) {
      loadContract().expectConforms('GET', '/platform/organizations/{slug}/members', 200, body);
    }
    const listed = z.array(memberWire).parse(body);
    const known = (person: Person) => listed.find(({ gotrue_id: id }) => id === person.accountId);
    expect(known(owner)).toMatchObject({ role_ids: [1], mfa_enabled: false });
    expect(known(administrator)).toMatchObject({ role_ids: [2], mfa_enabled: false });
    expect(known(developer)).toMatchObject({ role_ids: [3], mfa_enabled: true });
    expect(known(stranger)).toMatchObject({ role_ids: [memberRoleId(await numberOf(stranger), 'Read-only')] });
    const pages = await Promise.all(
      [0, 2, 4].map((offset) => send(t, owner, 'GET', `${path}?limit=2&offset=${offset}`)),
    );
    expect(pages.flatMap((page) => z.array(memberWire).parse(page.body))).toEqual(listed);
    await remove(owner, stranger);
  });

  test('get another role from an administrator in two round trips, audited with what it was', async () => {
    t.roundTrips.reset();
    expect((await assign(administrator, developer, 4)).status).toBe(200);
    expect(t.roundTrips.count).toBe(2);
    expect(await standing(developer)).toEqual(['Read-only', null]);
    expect(await audited()).toEqual([['member.set-role', developer.accountId, { from: 'Developer', to: 'Read-only' }]]);
    expect((await assign(administrator, developer, 4)).status).toBe(200);
    expect(await audited()).toHaveLength(1);
  });

  test.each([
    ['gives', () => assign(administrator, developer, 1)],
    ['gives itself', () => assign(administrator, administrator, 1)],
    ['gives in a project', () => assign(administrator, developer, 1, [first])],
    ['takes', () => assign(administrator, owner, 3)],
    ['limits', () => assign(administrator, owner, 3, [first])],
    ['removes', () => remove(administrator, owner)],
  ])('an administrator who %s the role of an Owner is refused', async (_, attempt) => {
    const second = await createPerson(t);
    await t.client.execute({
      sql: "insert into memberships (organization_id, account_id, role, created_at) values (?, ?, 'Owner', 0)",
      args: [organization.id, second.accountId],
    });
    expect((await attempt()).status).toBe(403);
    expect(await standing(owner)).toEqual(['Owner', null]);
    expect(await standing(developer)).toEqual(['Developer', null]);
    expect(await audited()).toEqual([]);
  });

  test('an Owner in a project only is not touched by an administrator either', async () => {
    await assign(owner, developer, 1, [first]);
    for (const attempt of [
      () => assign(administrator, developer, 3),
      () => assign(administrator, developer, 3, [first]),
      () => remove(administrator, developer),
      async () => take(administrator, developer, memberRoleId(await numberOf(developer), 'Owner')),
    ]) {
      expect((await attempt()).status).toBe(403);
    }
    expect(await standing(developer)).toEqual(['Project-scoped', `${first} Owner`]);
    expect((await assign(administrator, developer, 3, [second])).status).toBe(200);
  });

  test.each([
    ['leaves', () => remove(owner, owner)],
    ['is demoted', () => assign(owner, owner, 2)],
    ['is limited to a project', () => assign(owner, owner, 1, [first])],
  ])('the last Owner who %s stays one, and is told why', async (_, attempt) => {
    const { status, body } = await attempt();
    expect([status, body]).toMatchObject([409, { message: expect.stringContaining('last Owner') }]);
    expect(await standing(owner)).toEqual(['Owner', null]);
  });

  test('an Owner who cannot sign in does not count as another one', async () => {
    await assign(owner, developer, 1);
    await t.client.execute({ sql: 'update accounts set disabled_at = 1 where id = ?', args: [developer.accountId] });
    expect((await remove(owner, owner)).status).toBe(409);
  });

  test.each([
    ['leave', (person: Person) => remove(person, person)],
    ['demote themselves', (person: Person) => assign(person, person, 3)],
    ['limit themselves', (person: Person) => assign(person, person, 3, [first])],
  ])('of two Owners who %s at the same time one stays', async (_, attempt) => {
    await assign(owner, developer, 1);
    const statuses = (await Promise.all([attempt(owner), attempt(developer)])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 409]);
    const roles = [await standing(owner), await standing(developer)].map((row) => row?.[0]);
    expect(roles.filter((role) => role === 'Owner')).toHaveLength(1);
  });

  test('two who remove each other at the same time: one stays', async () => {
    await assign(owner, developer, 2);
    const answers = await Promise.all([remove(administrator, developer), remove(developer, administrator)]);
    expect(answers.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1);
  });

  test('are not changed by who lost the right meanwhile', async () => {
    const answers = await Promise.all([assign(owner, administrator, 4), assign(administrator, developer, 2)]);
    expect(answers[0]?.status).toBe(200);
    const order = (await audited()).map(([, target]) => target);
    // whichever came first: nothing is done by an administrator who is none any more
    if (answers[1]?.status === 200) expect(order).toEqual([developer.accountId, administrator.accountId]);
    else expect(await standing(developer)).toEqual(['Developer', null]);
  });

  test('lose what they could at once, also by a token that is limited to the organization', async () => {
    const { accountId } = developer;
    await t.client.batch(
      [
        {
          sql: `insert into access_tokens (account_id, name, hash, alias, created_at, is_limited) values (?, 'x', ?, 'x', 0, 1)`,
          args: [accountId, accountId],
        },
        {
          sql: `insert into access_token_resources (token_id, organization_id)
                select id, ? from access_tokens where hash = ?`,
          args: [organization.id, accountId],
        },
      ],
      'write',
    );
    expect((await send(t, developer, 'GET', path)).status).toBe(200);
    expect((await remove(administrator, developer)).status).toBe(200);
    expect((await send(t, developer, 'GET', path)).status).toBe(404);
    const { rows } = await t.client.execute({ sql: 'select 1 from access_tokens where hash = ?', args: [accountId] });
    expect(rows).toEqual([]);
    expect(await audited()).toEqual([['member.remove', accountId, { from: 'Developer' }]]);
    expect((await remove(administrator, developer)).status).toBe(404);
  });

  test('may leave, whatever they are, and others may not be made to by who may not', async () => {
    const reader = await createPerson(t);
    await assignProject(t, { person: reader, slug: organization.slug, ref: first, role: 'Read-only' });
    expect((await remove(reader, developer)).status).toBe(403);
    expect((await remove(developer, reader)).status).toBe(403);
    expect((await remove(reader, reader)).status).toBe(200);
    expect(await standing(reader)).toBeNull();
    expect(await audited()).toEqual([['member.leave', reader.accountId, { from: `Read-only: ${first}` }]]);
  });

  test.each<[string, unknown]>([
    ['a project of elsewhere', { role_id: 3, role_scoped_projects: ['foreign'] }],
    ['no project', { role_id: 3, role_scoped_projects: ['x'.repeat(20)] }],
    ['an empty list', { role_id: 3, role_scoped_projects: [] }],
    ['an unknown role', { role_id: 5 }],
    ['half a role', { role_id: 1.5 }],
  ])('are given nothing with %s', async (_, body) => {
    const named = JSON.parse(JSON.stringify(body).replace('foreign', foreign));
    expect((await send(t, owner, 'PATCH', `${path}/${developer.accountId}`, named)).status).toBe(400);
    expect(await standing(developer)).toEqual(['Developer', null]);
  });

  test('are only those of this organization', async () => {
    expect((await assign(owner, stranger, 3)).status).toBe(404);
    expect((await remove(owner, stranger)).status).toBe(404);
    expect((await assign(owner, stranger, 3, [first])).status).toBe(404);
    expect((await take(owner, developer, memberRoleId(await numberOf(stranger), 'Developer'))).status).toBe(404);
    expect((await replace(owner, developer, 4711, [first])).status).toBe(404);
  });

  test('are changed by what is asked for only', async () => {
    const body = { role_id: 4, role: 'Owner', organization_id: 1, account_id: owner.accountId };
    await send(t, owner, 'PATCH', `${path}/${developer.accountId}`, body);
    expect(await standing(developer)).toEqual(['Read-only', null]);
    expect(await standing(owner)).toEqual(['Owner', null]);
  });

  describe('end as Studio asked, step by step:', () => {
    type Step =
      | ['assign', Role, number[]]
      | ['assign', Role]
      | ['take', Role, 'organization'?]
      | ['put', Role, number[]];
    const base: Record<Role, number> = { Owner: 1, Administrator: 2, Developer: 3, 'Read-only': 4 };
    const cases: [string, Step[], Step[], [string, Role, number][]][] = [
      [
        'from the organization to some projects',
        [],
        [
          ['assign', 'Developer', [0]],
          ['assign', 'Read-only', [1]],
          ['take', 'Developer', 'organization'],
        ],
        [
          ['first', 'Developer', 0],
          ['second', 'Read-only', 1],
        ],
      ],
      [
        'one project moves to a new role',
        [['assign', 'Developer', [0, 1]]],
        [
          ['assign', 'Read-only', [1]],
          ['put', 'Developer', [0]],
        ],
        [
          ['first', 'Developer', 0],
          ['second', 'Read-only', 1],
        ],
      ],
      [
        'all of a role moves to a new one',
        [['assign', 'Developer', [0]]],
        [
          ['assign', 'Read-only', [0]],
          ['take', 'Developer'],
        ],
        [['first', 'Read-only', 0]],
      ],
      [
        'a role goes and its project joins another',
        [
          ['assign', 'Developer', [0]],
          ['assign', 'Read-only', [1]],
        ],
        [
          ['take', 'Developer'],
          ['put', 'Read-only', [1, 0]],
        ],
        [
          ['first', 'Read-only', 0],
          ['second', 'Read-only', 1],
        ],
      ],
      [
        'two projects swap their roles',
        [
          ['assign', 'Developer', [0]],
          ['assign', 'Read-only', [1]],
        ],
        [
          ['put', 'Developer', [1]],
          ['put', 'Read-only', [0]],
        ],
        [
          ['first', 'Read-only', 0],
          ['second', 'Developer', 1],
        ],
      ],
    ];

    test.each(cases)('%s', async (_, before, steps, expected) => {
      const refs = [first, second];
      const number = await numberOf(developer);
      const run = ([kind, role, where]: Step) => {
        const of = Array.isArray(where) ? where.map((index) => refs[index] ?? '') : undefined;
        if (kind === 'assign') return assign(administrator, developer, base[role], of);
        const id = where === 'organization' ? base[role] : memberRoleId(number, role);
        return kind === 'put' ? replace(administrator, developer, id, of ?? []) : take(administrator, developer, id);
      };
      for (const step of [...before, ...steps]) expect([step, (await run(step)).status]).toEqual([step, 200]);
      const wanted = expected.map(([, role, index]) => `${refs[index]} ${role}`).join(',');
      expect(await standing(developer)).toEqual(['Project-scoped', wanted]);
      // and back: whatever a member has in projects goes with a role in the whole organization
      expect((await assign(administrator, developer, 4)).status).toBe(200);
      expect(await standing(developer)).toEqual(['Read-only', null]);
    });

    test('the last role stays', async () => {
      expect((await take(administrator, developer, 3)).status).toBe(409);
      await assign(administrator, developer, 3, [first]);
      expect((await take(administrator, developer, memberRoleId(await numberOf(developer), 'Developer'))).status).toBe(
        409,
      );
      expect(await standing(developer)).toEqual(['Project-scoped', `${first} Developer`]);
    });

    test('a project-scoped role is listed with its projects, to others of single projects without', async () => {
      await assign(administrator, developer, 3, [first, second]);
      const id = memberRoleId(await numberOf(developer), 'Developer');
      const rolesPath = `/platform/organizations/${organization.slug}/roles`;
      t.roundTrips.reset();
      const { body } = await send(t, owner, 'GET', rolesPath);
      expect(t.roundTrips.count).toBe(1);
      expect(body).toMatchObject({
        org_scoped_roles: [1, 2, 3, 4].map((base_role_id) => ({ id: base_role_id, base_role_id, projects: [] })),
        project_scoped_roles: [{ id, base_role_id: 3, name: 'Developer' }],
      });
      const refsShownTo = async (person: Person) =>
        z
          .object({ project_scoped_roles: z.array(z.object({ projects: z.array(z.object({ ref: z.string() })) })) })
          .parse((await send(t, person, 'GET', rolesPath)).body)
          .project_scoped_roles.flatMap(({ projects }) => projects.map(({ ref }) => ref));
      expect((await refsShownTo(owner)).sort()).toEqual([first, second].sort());
      const reader = await createPerson(t);
      await assignProject(t, { person: reader, slug: organization.slug, ref: first, role: 'Read-only' });
      expect([...new Set(await refsShownTo(reader))]).toEqual([first]);
      if (contractMissing === null) {
        loadContract().expectConforms('GET', '/platform/organizations/{slug}/roles', 200, body);
      }
    });
  });

  test('of a project are those of the organization and those with a role there', async () => {
    await assign(administrator, developer, 3, [second]);
    const ids = async (ref: string) =>
      z
        .object({ members: z.array(z.object({ user_id: z.string() })) })
        .parse((await send(t, owner, 'GET', `/platform/projects/${ref}/members`)).body)
        .members.map(({ user_id: id }) => id)
        .sort();
    expect(await ids(first)).toEqual([owner.accountId, administrator.accountId].sort());
    t.roundTrips.reset();
    expect(await ids(second)).toEqual([owner.accountId, administrator.accountId, developer.accountId].sort());
    expect(t.roundTrips.count).toBe(1);
  });
});
