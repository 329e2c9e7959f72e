import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { clientOf } from '../../support/client.ts';
import { createHost, createOrganization, createPerson, createProject, type Person } from '../../support/people.ts';
import { send } from '../../support/requests.ts';

const listed = z.object({
  pagination: z.object({ count: z.number() }),
  projects: z.array(z.object({ ref: z.string() })),
});

describe('an organization that wants a second factor lets in', () => {
  let t: TestApp;
  let person: Person;
  let slug: string;
  let ref: string;
  let byToken: Person;

  beforeAll(async () => {
    t = await createTestApp();
    person = await createPerson(t);
    const organization = await createOrganization(t, [{ person, role: 'Administrator' }]);
    ({ slug } = organization);
    ({ ref } = await createProject(t, organization, await createHost(t)));
    const { token } = await clientOf(t, person.token).tokens.create.mutate({ name: 'ci' });
    byToken = { ...person, headers: { authorization: `Bearer ${token}` } };
    await t.client.execute({ sql: 'update organizations set requires_mfa = 1 where slug = ?', args: [slug] });
  });

  /** What the organization and its project answer, and how many projects the list of all and its count have. */
  const seenBy = async (who: Person) => {
    const paths = [`/platform/organizations/${slug}/members`, `/platform/projects/${ref}`];
    const statuses = await Promise.all(paths.map(async (path) => (await send(t, who, 'GET', path)).status));
    const lists = ['', `&statuses=ACTIVE_HEALTHY`, `&search=${ref}`];
    const counts = await Promise.all(
      lists.map(async (query) => {
        const { body } = await send(t, who, 'GET', `/platform/projects?limit=10${query}`);
        const { pagination, projects } = listed.parse(body);
        return [pagination.count, projects.length];
      }),
    );
    return { statuses, counts };
  };
  const nothing = {
    statuses: [403, 403],
    counts: [
      [0, 0],
      [0, 0],
      [0, 0],
    ],
  };
  const everything = {
    statuses: [200, 200],
    counts: [
      [1, 1],
      [1, 1],
      [1, 1],
    ],
  };

  test('nobody without one, by a session or by an access token', async () => {
    expect(await seenBy(person)).toEqual(nothing);
    expect(await seenBy(byToken)).toEqual(nothing);
  });

  test('whoever showed one, and the access tokens of an account that has one', async () => {
    await t.client.batch(
      [
        {
          sql: `insert into mfa_factors (id, account_id, friendly_name, status, secret, created_at, updated_at)
                values (?, ?, '', 'verified', 'sealed', 0, 0)`,
          args: [randomUUID(), person.accountId],
        },
        { sql: "update sessions set aal = 'aal2' where id = ?", args: [person.sessionId] },
      ],
      'write',
    );
    expect(await seenBy(person)).toEqual(everything);
    expect(await seenBy(byToken)).toEqual(everything);
  });
});
