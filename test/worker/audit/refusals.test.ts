import { beforeEach, describe, expect, test } from 'vitest';
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
import { send } from '../../support/requests.ts';

describe('a refusal that matters', () => {
  let t: TestApp;
  let owner: Person;
  let reader: Person;
  let organization: TestOrganization;
  let ref: string;

  beforeEach(async () => {
    t = await createTestApp();
    [owner, reader] = await Promise.all([createPerson(t), createPerson(t)]);
    organization = await createOrganization(t, [
      { person: owner, role: 'Owner' },
      { person: reader, role: 'Read-only' },
    ]);
    ref = (await createProject(t, organization, await createHost(t))).ref;
  });

  const of = async (actorId: string) => {
    const { rows } = await t.client.execute({
      sql: `select action, target, organization_id, route, credential, details, sequence
            from audit_entries where actor_id = ? order by id`,
      args: [actorId],
    });
    return rows.map(({ details, ...row }) => ({ ...row, details: JSON.parse(String(details)) }));
  };
  const pause = (person: Person) => send(t, person, 'POST', `/platform/projects/${ref}/pause`);

  test('is in the chain of its organization: who was refused what, and where', async () => {
    expect((await pause(reader)).status).toBe(403);
    await expect(clientOf(t, reader.token).audit.list.query({ organization: organization.slug })).rejects.toThrow();
    expect(await of(reader.accountId)).toEqual([
      {
        action: 'access.refused',
        target: ref,
        organization_id: organization.id,
        route: 'POST /platform/projects/{ref}/pause',
        credential: 'session',
        details: { asked: 'projects:power' },
        sequence: 1,
      },
      {
        action: 'access.refused',
        target: organization.slug,
        organization_id: organization.id,
        route: 'GET /trpc/audit.list',
        credential: 'session',
        details: { asked: 'audit:read' },
        sequence: 2,
      },
    ]);
    const verdict = await clientOf(t, owner.token).audit.verify.query({ organization: organization.slug });
    expect(verdict).toMatchObject({ intact: true, entries: 2 });
  });

  test('is written once a minute however often it is asked for, also at once', async () => {
    await Promise.all(Array.from({ length: 10 }, () => pause(reader)));
    await pause(reader);
    expect(await of(reader.accountId)).toHaveLength(1);
    t.clock.advance(61_000);
    await pause(reader);
    expect(await of(reader.accountId)).toHaveLength(2);
  });

  test('is not written more than thirty times a minute for one actor, whatever is asked for', async () => {
    await t.client.execute({
      sql: `insert into projects (ref, organization_id, name, cloud_provider, region, size, postgres_version, host_id,
                                  power, change, generation, rest, created_at, changed_at)
            select substr(ref, 1, 18) || char(97 + value / 10) || char(97 + value % 10), organization_id, value,
                   cloud_provider, region, size, postgres_version, host_id, power, change, 1, rest, 0, 0
            from projects, json_each(?) where ref = ?`,
      args: [JSON.stringify(Array.from({ length: 40 }, (_, index) => index)), ref],
    });
    const { rows } = await t.client.execute({
      sql: 'select ref from projects where organization_id = ?',
      args: [organization.id],
    });
    for (const row of rows) await send(t, reader, 'POST', `/platform/projects/${row.ref}/pause`);
    expect(await of(reader.accountId)).toHaveLength(30);
  });

  test('by strangers is none of the organization: to them it is not there', async () => {
    const stranger = await createPerson(t);
    expect((await pause(stranger)).status).toBe(404);
    expect(await of(stranger.accountId)).toEqual([]);
  });

  test('of what only operators may do is kept too', async () => {
    await expect(clientOf(t, owner.token).users.list.query()).rejects.toMatchObject({ code: 'forbidden' });
    expect(await of(owner.accountId)).toMatchObject([
      { action: 'access.refused', target: 'control plane', organization_id: null, details: { asked: 'operator' } },
    ]);
  });

  const signIn = (email: string, password: string) =>
    send(t, null, 'POST', '/auth/v1/token?grant_type=password', { email, password });

  test('of a sign-in names the account if there is one, and never what was typed', async () => {
    const secret = 'not the right password';
    expect((await signIn(owner.email, secret)).status).toBe(400);
    expect(await of(owner.accountId)).toEqual([
      {
        action: 'account.sign-in-refused',
        target: owner.accountId,
        organization_id: null,
        route: 'POST /auth/v1/token',
        credential: null,
        details: { means: 'password' },
        sequence: null,
      },
    ]);
    const typed = 'nobody-at-all@example.com';
    expect((await signIn(typed, secret)).status).toBe(400);
    const { rows } = await t.client.execute('select * from audit_entries');
    const all = JSON.stringify(rows);
    expect(all).toContain('unknown account');
    expect(all).not.toContain(secret);
    expect(all).not.toContain(typed);
  });

  test('that cannot be written is in the log, and is answered as ever', async () => {
    t.deps.store.refusals.record = async () => {
      throw new Error('disk full');
    };
    expect((await pause(reader)).status).toBe(403);
    expect(t.logged).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'a refusal could not be recorded' }),
    );
  });

  test('is written behind the answer where the runtime lets work go on there', async () => {
    const behind: Promise<unknown>[] = [];
    const response = await t.app.request(
      `/platform/projects/${ref}/pause`,
      { method: 'POST', headers: reader.headers },
      { background: (work: Promise<unknown>) => behind.push(work) },
    );
    expect(response.status).toBe(403);
    await Promise.all(behind);
    expect(behind).toHaveLength(1);
    expect(await of(reader.accountId)).toHaveLength(1);
  });
});
