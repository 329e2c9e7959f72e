import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestApp, type TestApp } from '../../support/app.ts';
import {
  createHost,
  createOrganization,
  createPerson,
  createProject,
  type Person,
  type TestOrganization,
} from '../../support/people.ts';
import { send } from '../../support/requests.ts';

const page = z.object({
  pagination: z.object({ count: z.number(), limit: z.number(), offset: z.number() }),
  projects: z.array(z.object({ name: z.string(), ref: z.string(), status: z.string() })),
});

describe('a list of projects', () => {
  let t: TestApp;
  let owner: Person;
  let stranger: Person;
  let organization: TestOrganization;

  beforeAll(async () => {
    t = await createTestApp();
    [owner, stranger] = await Promise.all([createPerson(t), createPerson(t)]);
    organization = await createOrganization(t, [{ person: owner, role: 'Read-only' }]);
    const other = await createOrganization(t, [{ person: owner, role: 'Owner' }]);
    const host = await createHost(t);
    for (const [name, options] of [
      ['delta', {}],
      ['alpha', { phase: 'unhealthy' }],
      ['100%_charlie', { phase: 'stopped', power: 'paused' }],
      ['bravo', {}],
    ] as const) {
      const { ref } = await createProject(t, organization, host, options);
      await t.client.execute({ sql: 'update projects set name = ? where ref = ?', args: [name, ref] });
    }
    await createProject(t, other, host);
  });

  const ask = async (query = '', person = owner) =>
    page.parse((await send(t, person, 'GET', `/platform/organizations/${organization.slug}/projects${query}`)).body);
  const names = async (query: string) => (await ask(query)).projects.map(({ name }) => name);

  test.each([
    ['', ['100%_charlie', 'alpha', 'bravo', 'delta']],
    ['?sort=name_desc', ['delta', 'bravo', 'alpha', '100%_charlie']],
    ['?sort=created_asc', ['delta', 'alpha', '100%_charlie', 'bravo']],
    ['?sort=created_desc', ['bravo', '100%_charlie', 'alpha', 'delta']],
    ['?limit=2&offset=1', ['alpha', 'bravo']],
    ['?search=A', ['100%_charlie', 'alpha', 'bravo', 'delta']],
    ['?search=rav', ['bravo']],
    ['?search=%25_', ['100%_charlie']],
    ['?search=a%25a', []],
    ['?statuses=ACTIVE_HEALTHY', ['bravo', 'delta']],
    ['?statuses=INACTIVE,ACTIVE_UNHEALTHY', ['100%_charlie', 'alpha']],
    ['?statuses=ACTIVE_HEALTHY&search=del', ['delta']],
    ['?statuses=', ['100%_charlie', 'alpha', 'bravo', 'delta']],
  ])('asked for with %j holds what was asked, in order', async (query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  test('counts all that match, whichever page is shown', async () => {
    expect((await ask('?limit=1&offset=3')).pagination).toEqual({ count: 4, limit: 1, offset: 3 });
    expect((await ask('?limit=1&statuses=ACTIVE_HEALTHY')).pagination.count).toBe(2);
    expect((await ask('?offset=50')).projects).toEqual([]);
  });

  test('holds the projects of all the account’s organizations, and of no other', async () => {
    const mine = page.parse((await send(t, owner, 'GET', '/platform/projects')).body);
    expect(mine.pagination.count).toBe(5);
    expect(mine.projects).toHaveLength(5);
    const theirs = page.parse((await send(t, stranger, 'GET', '/platform/projects')).body);
    expect(theirs).toEqual({ pagination: { count: 0, limit: 100, offset: 0 }, projects: [] });
  });

  test('finds a project by a part of its ref', async () => {
    const [first] = (await ask()).projects;
    expect((await ask(`?search=${first?.ref.slice(4, 18)}`)).projects).toEqual([first]);
  });
});
