import { beforeAll, describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { createHost, createOrganization, createPerson, createProject, type Person } from '../../support/people.ts';

describe('pausing a project', () => {
  let t: TestApp;
  let owner: Person;
  let reader: Person;
  let stranger: Person;
  let ref: string;

  beforeAll(async () => {
    t = await createTestApp();
    [owner, reader, stranger] = await Promise.all([createPerson(t), createPerson(t), createPerson(t)]);
    const organization = await createOrganization(t, [
      { person: owner, role: 'Owner' },
      { person: reader, role: 'Read-only' },
    ]);
    ref = (await createProject(t, organization, await createHost(t))).ref;
  });

  const pause = (person: Person | null, target = ref) =>
    t.app.request(`/platform/projects/${target}/pause`, { method: 'POST', ...(person && { headers: person.headers }) });

  test('is refused to nobody, to strangers as if it were not there, and to readers', async () => {
    expect((await pause(null)).status).toBe(401);
    expect((await pause(stranger)).status).toBe(404);
    expect((await pause(reader)).status).toBe(403);
    expect((await pause(owner, 'x'.repeat(20))).status).toBe(404);
    expect((await pause(owner, '..%2fetc')).status).toBe(404);
  });

  test('changes desired state, the host and the audit log in two round trips, once', async () => {
    t.roundTrips.reset();
    const [first, second] = await Promise.all([pause(owner), pause(owner)]);
    expect([first.status, second.status].sort()).toEqual([201, 409]);
    expect(t.roundTrips.count).toBe(4);
    const { rows } = await t.client.execute({
      sql: "select action from audit_entries where target = ? and action <> 'access.refused'",
      args: [ref],
    });
    expect(rows.map((row) => row.action)).toEqual(['project.pause']);
  });

  test('ends with the session', async () => {
    await t.client.execute({ sql: 'delete from sessions where id = ?', args: [owner.sessionId] });
    expect((await pause(owner)).status).toBe(401);
  });
});
