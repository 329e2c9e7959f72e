import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import type { AppRouter } from '../../../client/app-router.ts';
import type { AdminRouter } from '../../../worker/admin/router.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { clientOf } from '../../support/client.ts';
import {
  createHost,
  createOrganization,
  createPerson,
  createProject,
  type Person,
  type TestOrganization,
} from '../../support/people.ts';

test("the client's types are the worker's", () => {
  expectTypeOf<inferRouterInputs<AdminRouter>>().toExtend<inferRouterInputs<AppRouter>>();
  expectTypeOf<inferRouterInputs<AppRouter>>().toExtend<inferRouterInputs<AdminRouter>>();
  expectTypeOf<inferRouterOutputs<AdminRouter>>().toExtend<inferRouterOutputs<AppRouter>>();
  expectTypeOf<inferRouterOutputs<AppRouter>>().toExtend<inferRouterOutputs<AdminRouter>>();
});

describe('through tRPC', () => {
  let t: TestApp;
  let owner: Person;
  let organization: TestOrganization;

  beforeAll(async () => {
    t = await createTestApp();
    owner = await createPerson(t);
    organization = await createOrganization(t, [{ person: owner, role: 'Owner' }]);
  });
  const client = () => clientOf(t, owner.token);

  test('every read is one round trip', async () => {
    const { ref } = await createProject(t, organization, await createHost(t));
    const reads: [string, () => Promise<unknown>][] = [
      ['organizations.list', () => client().organizations.list.query()],
      ['organizations.get', () => client().organizations.get.query({ slug: organization.slug })],
      ['projects.list', () => client().projects.list.query()],
      ['projects.list of one', () => client().projects.list.query({ organization: organization.slug })],
      ['projects.get', () => client().projects.get.query({ ref })],
      ['users.me', () => client().users.me.query()],
      ['audit.list', () => client().audit.list.query({ organization: organization.slug })],
      ['audit.head', () => client().audit.head.query({ organization: organization.slug })],
      ['audit.verify', () => client().audit.verify.query({ organization: organization.slug })],
      ['system.info', () => client().system.info.query()],
    ];
    for (const [name, read] of reads) {
      t.roundTrips.reset();
      await read();
      expect(t.roundTrips.count, name).toBe(1);
    }
  });

  test('a project is created, renamed, paused and removed as through Studio', async () => {
    await createHost(t);
    const slug = organization.slug;
    const created = await client().projects.create.mutate({ organization: slug, name: 'quotes " and \n lines' });
    expect(created).toMatchObject({ status: 'COMING_UP', organization: slug, name: 'quotes " and \n lines' });
    expect(created.generatedDatabasePassword).toMatch(/.{16}/);
    const { ref } = created;
    const keys = await client().projects.apiKeys.query({ ref });
    expect(keys.map(({ type, key }) => [type, key === null])).toEqual([
      ['legacy', false],
      ['legacy', true],
      ['publishable', false],
      ['secret', true],
    ]);
    const revealed = await client().projects.apiKeys.query({ ref, reveal: true });
    expect(revealed.every(({ key }) => key !== null)).toBe(true);
    expect(await client().projects.rename.mutate({ ref, name: 'new' })).toMatchObject({ name: 'new' });
    expect(await client().projects.remove.mutate({ ref })).toMatchObject({ status: 'GOING_DOWN' });
    const found = await client().projects.list.query({ organization: slug, search: ref });
    expect(found).toMatchObject({ count: 1, nextCursor: null, items: [{ ref, status: 'GOING_DOWN' }] });
  });

  test('a given database password is not sent back', async () => {
    const input = { organization: organization.slug, name: 'given', databasePassword: 'p%40ss word 1' };
    const created = await client().projects.create.mutate(input);
    expect(created.generatedDatabasePassword).toBeNull();
    expect(JSON.stringify(created)).not.toContain('p%40ss');
  });

  test('the audit log comes newest first, in pages, and only of the organization', async () => {
    const own = await createOrganization(t, [{ person: owner, role: 'Owner' }]);
    const host = await createHost(t);
    for (let index = 0; index < 3; index += 1) {
      await client().projects.pause.mutate({ ref: (await createProject(t, own, host)).ref });
    }
    const first = await client().audit.list.query({ organization: own.slug, limit: 2 });
    expect(first.items).toHaveLength(2);
    const rest = await client().audit.list.query({ organization: own.slug, cursor: first.nextCursor ?? '' });
    expect(rest).toMatchObject({ items: [{ action: 'project.pause' }], nextCursor: null });
    const ids = [...first.items, ...rest.items].map(({ id }) => id);
    expect(ids).toEqual([...ids].sort((one, other) => other - one));
    expect(first.items[0]?.actor).toEqual({ kind: 'account', id: owner.accountId, email: owner.email });
  });

  test('an operator makes an account, and locks it out', async () => {
    const operator = clientOf(t, (await createPerson(t, { isOperator: true })).token);
    const email = `${crypto.randomUUID()}@example.com`;
    const made = await operator.users.create.mutate({ email, password: 'correct horse battery' });
    expect(made).toMatchObject({ email, isOperator: false, disabledAt: null });
    expect(made).not.toHaveProperty('passwordHash');
    expect((await operator.users.disable.mutate({ id: made.id })).disabledAt).not.toBeNull();
  });

  test('organizations come in pages', async () => {
    const person = await createPerson(t);
    const own = clientOf(t, person.token);
    for (const name of ['one', 'two', 'three']) await own.organizations.create.mutate({ name });
    const first = await own.organizations.list.query({ limit: 2 });
    const second = await own.organizations.list.query({ limit: 2, cursor: first.nextCursor ?? '' });
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(['one', 'three', 'two']);
    expect(second.nextCursor).toBeNull();
  });
});
