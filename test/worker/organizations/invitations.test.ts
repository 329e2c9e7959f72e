import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { invitationRoleId } from '../../../schema/role-ids.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { clientOf } from '../../support/client.ts';
import { contractMissing, loadContract } from '../../support/contract.ts';
import {
  createHost,
  createOrganization,
  createPerson,
  createProject,
  type Person,
  type TestHost,
  type TestOrganization,
} from '../../support/people.ts';
import { send } from '../../support/requests.ts';
import { tokenSentTo } from '../../support/team-situations.ts';

const dayMs = 24 * 60 * 60 * 1000;
const listWire = z.object({
  invitations: z.array(z.object({ id: z.number(), invited_email: z.string(), role_id: z.number() })),
});

describe('an invitation', () => {
  let t: TestApp;
  let host: TestHost;
  let owner: Person;
  let administrator: Person;
  let invited: Person;
  let stranger: Person;
  let organization: TestOrganization;
  let path: string;

  beforeAll(async () => {
    t = await createTestApp();
    host = await createHost(t);
    stranger = await createPerson(t);
  });
  beforeEach(async () => {
    [owner, administrator, invited] = await Promise.all([createPerson(t), createPerson(t), createPerson(t)]);
    organization = await createOrganization(t, [
      { person: owner, role: 'Owner' },
      { person: administrator, role: 'Administrator' },
    ]);
    path = `/platform/organizations/${organization.slug}/members/invitations`;
  });

  const invite = (by: Person, body: Record<string, unknown> = {}) =>
    send(t, by, 'POST', path, { email: invited.email, role_id: 3, ...body });
  const link = () => `${path}/${tokenSentTo(t, invited.email)}`;
  const look = (who: Person, at = link()) => send(t, who, 'GET', at);
  const accept = (who: Person, at = link()) => send(t, who, 'POST', at);
  const listed = async () => listWire.parse((await send(t, owner, 'GET', path)).body).invitations;
  const end = async (by: Person) => send(t, by, 'DELETE', `${path}/${(await listed())[0]?.id}`);
  const standingOf = async ({ accountId }: Person) => {
    const { rows } = await t.client.execute({
      sql: 'select role from memberships where account_id = ? and organization_id = ?',
      args: [accountId, organization.id],
    });
    return rows[0]?.role ?? null;
  };
  const audited = async () => {
    const { rows } = await t.client.execute({
      sql: "select action, target, details from audit_entries where organization_id = ? and action <> 'access.refused' order by id",
      args: [organization.id],
    });
    return rows.map(({ action, target, details }) => [action, target, JSON.parse(String(details))]);
  };
  const told = async (person: Person) =>
    z
      .array(
        z.object({
          name: z.string(),
          priority: z.string(),
          data: z.object({ message: z.string(), org_slug: z.string() }),
        }),
      )
      .parse((await send(t, person, 'GET', '/platform/notifications')).body);

  test('goes out by mail in two round trips and one for its limits, and its token is nowhere but in the link', async () => {
    t.roundTrips.reset();
    const { status, body } = await invite(administrator);
    expect([status, body, t.roundTrips.count]).toEqual([201, null, 3]);
    const mail = t.sent.filter(({ to }) => to === invited.email).at(-1);
    expect(mail?.subject).toContain(organization.name);
    const token = tokenSentTo(t, invited.email);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(mail?.text).toContain(`http://studio.test/join?token=${token}&slug=${organization.slug}`);
    for (const table of ['invitations', 'notifications', 'audit_entries']) {
      const { rows } = await t.client.execute(`select * from ${table}`);
      expect(JSON.stringify(rows), table).not.toContain(token);
    }
    expect(JSON.stringify(t.logged)).not.toContain(token);
    expect(await audited()).toEqual([['invitation.create', invited.email, { to: 'Developer' }]]);
    expect(await told(invited)).toMatchObject([
      {
        name: 'invitation.create',
        priority: 'Warning',
        data: { org_slug: organization.slug, message: expect.stringContaining('Developer') },
      },
    ]);
  });

  test('makes the invited a member, once, and tells who invited', async () => {
    await invite(administrator);
    const at = link();
    const seen = await look(invited, at);
    expect(seen.body).toEqual({
      authorized_user: true,
      email_match: true,
      expired_token: false,
      invite_id: (await listed())[0]?.id,
      organization_name: organization.name,
      sso_mismatch: false,
      token_does_not_exist: false,
    });
    if (contractMissing === null) {
      loadContract().expectConforms(
        'GET',
        '/platform/organizations/{slug}/members/invitations/{token}',
        200,
        seen.body,
      );
    }
    t.roundTrips.reset();
    expect((await accept(invited, at)).status).toBe(201);
    expect(t.roundTrips.count).toBe(2);
    expect(await standingOf(invited)).toBe('Developer');
    expect(await listed()).toEqual([]);
    expect((await accept(invited, at)).status).toBe(404);
    expect((await audited()).at(-1)).toEqual([
      'invitation.accept',
      invited.email,
      { to: 'Developer', invitedBy: administrator.accountId },
    ]);
    expect((await told(administrator)).map(({ name }) => name)).toEqual(['invitation.accept']);
  });

  test('accepted twice at the same time makes one member', async () => {
    await invite(owner);
    const at = link();
    const statuses = (await Promise.all([accept(invited, at), accept(invited, at)])).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect((await audited()).filter(([action]) => action === 'invitation.accept')).toHaveLength(1);
  });

  test('is for its address only, in whatever letters that was typed', async () => {
    await invite(owner, { email: `  ${invited.email.toUpperCase()} ` });
    expect((await look(stranger)).body).toMatchObject({ email_match: false, authorized_user: false });
    expect((await accept(stranger)).status).toBe(403);
    expect((await accept(owner)).status).toBe(403);
    expect(await standingOf(stranger)).toBeNull();
    expect((await accept(invited)).status).toBe(201);
  });

  test('asks for a confirmed address', async () => {
    await invite(owner);
    const confirm = (at: number | null) =>
      t.client.execute({
        sql: 'update accounts set email_confirmed_at = ? where id = ?',
        args: [at, invited.accountId],
      });
    await confirm(null);
    expect((await accept(invited)).status).toBe(409);
    expect(await standingOf(invited)).toBeNull();
    await confirm(1);
    expect((await accept(invited)).status).toBe(201);
  });

  test('names nothing to who guesses, nor under the slug of another organization', async () => {
    await invite(owner);
    const other = await createOrganization(t, [{ person: stranger, role: 'Owner' }]);
    const elsewhere = link().replace(organization.slug, other.slug);
    for (const at of [`${path}/guess`, elsewhere, link().replace(organization.slug, 'nowhere')]) {
      expect((await look(invited, at)).body).toEqual({
        authorized_user: false,
        // false would be Studio's "sent to another address", whoever asks
        email_match: true,
        expired_token: false,
        organization_name: '',
        sso_mismatch: false,
        token_does_not_exist: true,
      });
      expect((await accept(invited, at)).status).toBe(404);
    }
    expect((await look(invited, `${path}/guess`)).status).toBe(200);
    expect((await send(t, null, 'GET', link())).status).toBe(401);
  });

  test('is good for a day', async () => {
    const late = await createTestApp();
    const made = await send(late, await tokenAt(late, owner), 'POST', path, { email: invited.email, role_id: 3 });
    expect(made.status).toBe(201);
    const at = `${path}/${tokenSentTo(late, invited.email)}`;
    late.clock.advance(dayMs - 1);
    // sessions of these tests last a day from their own start
    await late.client.execute({
      sql: 'update sessions set expires_at = expires_at + ? where id in (?, ?)',
      args: [10 * dayMs, owner.sessionId, invited.sessionId],
    });
    const token = await tokenAt(late, invited);
    expect((await send(late, token, 'GET', at)).body).toMatchObject({ expired_token: false, email_match: true });
    late.clock.advance(1);
    expect((await send(late, token, 'GET', at)).body).toMatchObject({ expired_token: true, email_match: true });
    expect((await send(late, token, 'POST', at)).status).toBe(409);
    expect(await standingOf(invited)).toBeNull();
    // and makes way for another one
    expect(
      (await send(late, await tokenAt(late, owner), 'POST', path, { email: invited.email, role_id: 4 })).status,
    ).toBe(201);
    expect((await send(late, token, 'POST', at)).status).toBe(404);
    expect((await send(late, token, 'POST', `${path}/${tokenSentTo(late, invited.email)}`)).status).toBe(201);
    expect(await standingOf(invited)).toBe('Read-only');
  });

  test('that was revoked is worth nothing; who may not invite may not revoke', async () => {
    await invite(owner);
    const at = link();
    expect((await end(stranger)).status).toBe(404);
    expect((await end(administrator)).status).toBe(200);
    expect((await look(invited, at)).body).toMatchObject({ token_does_not_exist: true });
    expect((await accept(invited, at)).status).toBe(404);
    expect((await audited()).at(-1)).toEqual(['invitation.revoke', invited.email, { from: 'Developer' }]);
  });

  test('is declined by whom it is for', async () => {
    await invite(owner);
    expect((await end(invited)).status).toBe(200);
    expect((await audited()).at(-1)?.[0]).toBe('invitation.decline');
  });

  test('is not made twice, nor for a member', async () => {
    await invite(owner);
    const again = await invite(owner);
    expect([again.status, again.body]).toMatchObject([409, { message: expect.stringContaining(invited.email) }]);
    expect(t.sent.filter(({ to }) => to === invited.email)).toHaveLength(1);
    await accept(invited);
    const member = await invite(owner);
    expect([member.status, member.body]).toMatchObject([409, { message: expect.stringContaining('already') }]);
  });

  test('made twice at the same time is one', async () => {
    const statuses = (await Promise.all([invite(owner), invite(administrator)])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 409]);
    expect(await listed()).toHaveLength(1);
  });

  test('to become an Owner comes from Owners, who alone revoke it', async () => {
    expect((await invite(administrator, { role_id: 1 })).status).toBe(403);
    expect((await invite(owner, { role_id: 1 })).status).toBe(201);
    expect((await end(administrator)).status).toBe(403);
    // it stays good, whatever becomes of who made it
    await t.client.execute({
      sql: "update memberships set role = 'Administrator' where account_id = ?",
      args: [owner.accountId],
    });
    expect((await accept(invited)).status).toBe(201);
    expect(await standingOf(invited)).toBe('Owner');
  });

  test('to some projects gives a role there, as far as they still are', async () => {
    const [one, two] = [await createProject(t, organization, host), await createProject(t, organization, host)];
    expect((await invite(owner, { role_scoped_projects: [one.ref, two.ref] })).status).toBe(201);
    const [entry] = await listed();
    expect(entry?.role_id).toBe(invitationRoleId(entry?.id ?? 0, 'Developer'));
    const { body } = await send(t, owner, 'GET', `/platform/organizations/${organization.slug}/roles`);
    expect(body).toMatchObject({ project_scoped_roles: [{ id: entry?.role_id, base_role_id: 3 }] });
    await t.client.execute({ sql: 'delete from projects where ref = ?', args: [two.ref] });
    expect((await accept(invited)).status).toBe(201);
    expect(await standingOf(invited)).toBe('Project-scoped');
    expect((await send(t, invited, 'GET', `/platform/projects/${one.ref}`)).status).toBe(200);
    const { rows } = await t.client.execute({
      sql: 'select ref, role from project_roles where account_id = ?',
      args: [invited.accountId],
    });
    expect(rows).toEqual([expect.objectContaining({ ref: one.ref, role: 'Developer' })]);
  });

  test('to projects that are all gone makes nobody a member of anything', async () => {
    const { ref } = await createProject(t, organization, host);
    await invite(owner, { role_scoped_projects: [ref] });
    await t.client.execute({ sql: 'delete from projects where ref = ?', args: [ref] });
    expect((await accept(invited)).status).toBe(409);
    expect(await standingOf(invited)).toBeNull();
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['no address', { email: undefined }, /email/],
    ['no address that is one', { email: 'kim' }, /email/],
    ['an unknown role', { role_id: 9 }, /role_id/],
    ['single sign-on', { require_sso: true }, /require_sso/],
    ['an empty list of projects', { role_scoped_projects: [] }, /role_scoped_projects/],
    ['a project of elsewhere', { role_scoped_projects: ['x'.repeat(20)] }, /role_scoped_projects/],
  ])('with %s is refused by the name of the field', async (_, body, message) => {
    const answer = await invite(owner, body);
    expect([answer.status, answer.body]).toMatchObject([400, { message: expect.stringMatching(message) }]);
    expect(await listed()).toEqual([]);
  });

  test('goes to several addresses at once, to all of them or to none', async () => {
    const emails = [invited.email, stranger.email, `new-${invited.accountId}@example.com`];
    const body = { email: undefined, emails };
    expect((await invite(owner, body)).status).toBe(201);
    expect((await listed()).map(({ invited_email: email }) => email).sort()).toEqual([...emails].sort());
    const again = await invite(owner, { email: undefined, emails: ['free@example.com', stranger.email] });
    expect(again.status).toBe(409);
    expect(await listed()).toHaveLength(3);
  });

  test('to an organization that wants a second factor asks for one before it is accepted', async () => {
    await invite(owner);
    await t.client.execute({ sql: 'update organizations set requires_mfa = 1 where id = ?', args: [organization.id] });
    for (const answer of [await look(invited), await accept(invited)]) {
      expect([answer.status, answer.body]).toMatchObject([403, { message: expect.stringContaining('MFA required') }]);
    }
    await t.client.execute({ sql: "update sessions set aal = 'aal2' where id = ?", args: [invited.sessionId] });
    expect((await accept(invited)).status).toBe(201);
  });

  test('without a mail server is in the log and in the operator’s answer, never in Studio’s', async () => {
    const silent = await createTestApp({ mailer: null });
    const before = await tokenAt(silent, owner);
    const { status, body } = await send(silent, before, 'POST', path, { email: invited.email, role_id: 3 });
    expect([status, body]).toEqual([201, null]);
    const logged = JSON.stringify(silent.logged);
    expect(logged).toContain('/join?token=');
    const other = `other-${invited.accountId}@example.com`;
    const client = clientOf(silent, before.token);
    const made = await client.members.invite.mutate({
      organization: organization.slug,
      email: other,
      role: 'Read-only',
    });
    expect(made).toMatchObject({ email: other, link: expect.stringContaining('/join?token='), projects: [] });
    const mailed = await clientOf(t, owner.token).members.invite.mutate({
      organization: organization.slug,
      email: `mailed-${other}`,
      role: 'Read-only',
    });
    expect(mailed.link).toBeNull();
  });

  test('never makes a link of a name', async () => {
    await t.client.execute({
      sql: "update organizations set name = '[free](http://evil.test) <b>' where id = ?",
      args: [organization.id],
    });
    await invite(owner);
    const [notice] = await told(invited);
    expect(notice?.data.message).toContain('\\[free\\](http://evil.test) \\<b\\>');
  });
});

/** The person with a token that this app signed. */
async function tokenAt(test: TestApp, person: Person): Promise<Person> {
  const { token } = await test.deps.sessionTokens.sign({
    sessionId: person.sessionId,
    accountId: person.accountId,
    email: person.email,
    userMetadata: {},
    aal: 'aal1',
    amr: [{ method: 'password', timestamp: Math.floor(test.clock.now() / 1000) }],
    issuedAt: Math.floor(test.clock.now() / 1000),
  });
  return { ...person, token, headers: { authorization: `Bearer ${token}` } };
}
