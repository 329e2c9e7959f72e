import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestApp, limitsOfTests, type TestApp } from '../../support/app.ts';
import {
  createHost,
  createOrganization,
  createPerson,
  createProject,
  type Person,
  type TestHost,
  type TestOrganization,
} from '../../support/people.ts';
import { type Answer, send } from '../../support/requests.ts';

type Made = { id: string; token: string };

const everything = [
  'organizations_read',
  'organizations_create',
  'projects_read',
  'project_admin_write',
  'api_gateway_keys_read',
  'members_read',
];

describe('the access tokens page', () => {
  let t: TestApp;
  let host: TestHost;
  let owner: Person;
  let administrator: Person;
  let stranger: Person;
  let organization: TestOrganization;
  let foreign: TestOrganization;
  let one: { ref: string };
  let other: { ref: string };
  let foreignProject: { ref: string };

  beforeAll(async () => {
    t = await createTestApp();
    host = await createHost(t);
    stranger = await createPerson(t);
    foreign = await createOrganization(t, [{ person: stranger, role: 'Owner' }]);
    foreignProject = await createProject(t, foreign, host);
  });
  beforeEach(async () => {
    [owner, administrator] = [await createPerson(t), await createPerson(t)];
    organization = await createOrganization(t, [
      { person: owner, role: 'Owner' },
      { person: administrator, role: 'Administrator' },
    ]);
    one = await createProject(t, organization, host);
    other = await createProject(t, organization, host);
  });

  const ask = (person: Person, method: string, path: string, body?: unknown) =>
    send(t, person, method, `/platform/profile/${path}`, body);
  const by = async (token: string, path: string, method = 'GET', body?: unknown): Promise<Answer> =>
    send(t, { ...owner, headers: { authorization: `Bearer ${token}` } }, method, path, body);
  const status = async (token: string, path: string, method = 'GET', body?: unknown) =>
    (await by(token, path, method, body)).status;
  const scoped = async (body: object, person = owner): Promise<Made> => {
    const answer = await ask(person, 'POST', 'scoped-access-tokens', { name: 'ci', permissions: everything, ...body });
    expect(answer).toMatchObject({ status: 201 });
    return answer.body as Made;
  };
  const refs = (answer: Answer) => (answer.body as { ref: string }[]).map(({ ref }) => ref);

  test('makes a token that is told once, lists it without, and deletes it with what it was', async () => {
    const made = await ask(owner, 'POST', 'access-tokens', { name: 'laptop', scope: 'V0' });
    expect(made).toMatchObject({
      status: 201,
      body: {
        name: 'laptop',
        expires_at: null,
        last_used_at: null,
        token: expect.stringMatching(/^sbp_[0-9a-f]{40}$/),
      },
    });
    expect(made.headers.get('cache-control')).toBe('no-store');
    expect(made.headers.get('x-ratelimit-remaining')).toBe('29');
    const { token, ...kept } = made.body as { id: number; token: string };
    expect((await ask(owner, 'GET', 'access-tokens')).body).toEqual([kept]);
    expect((await ask(owner, 'GET', `access-tokens/${kept.id}`)).body).toEqual(kept);
    expect(await status(token, '/v1/organizations')).toBe(200);
    expect(await ask(owner, 'DELETE', `access-tokens/${kept.id}`)).toMatchObject({ status: 200, body: kept });
    expect(await status(token, '/v1/organizations')).toBe(401);
    expect((await ask(owner, 'GET', 'access-tokens')).body).toEqual([]);
    expect((await ask(owner, 'DELETE', `access-tokens/${kept.id}`)).status).toBe(404);
  });

  test('shows tokens that are limited apart, with what they are limited to', async () => {
    const { token: _, ...kept } = await scoped({ project_refs: [one.ref, one.ref] });
    expect(kept).toMatchObject({ permissions: everything, project_refs: [one.ref] });
    expect(kept).not.toHaveProperty('organization_slugs');
    const listed = await ask(owner, 'GET', 'scoped-access-tokens');
    expect(listed.body).toMatchObject({ tokens: [{ id: kept.id, name: 'ci' }] });
    expect((await ask(owner, 'GET', `scoped-access-tokens/${kept.id}`)).body).toEqual(kept);
    expect((await ask(owner, 'GET', 'access-tokens')).body).toEqual([]);
    expect((await ask(owner, 'GET', `access-tokens/${kept.id}`)).status).toBe(404);
    expect((await ask(owner, 'DELETE', `access-tokens/${kept.id}`)).status).toBe(404);
    for (const method of ['GET', 'DELETE']) {
      expect((await ask(stranger, method, `scoped-access-tokens/${kept.id}`)).status).toBe(404);
    }
    expect((await ask(owner, 'DELETE', `scoped-access-tokens/${kept.id}`)).status).toBe(200);
  });

  test('takes two round trips to make one and to delete one, and leaves an audit row of each', async () => {
    t.roundTrips.reset();
    const { id, ...made } = await scoped({ organization_slugs: [organization.slug], project_refs: [one.ref] });
    expect(t.roundTrips.count).toBe(2);
    expect(made).toMatchObject({ organization_slugs: [organization.slug], project_refs: [one.ref] });
    t.roundTrips.reset();
    await ask(owner, 'DELETE', `scoped-access-tokens/${id}`);
    expect(t.roundTrips.count).toBe(2);
    const { rows } = await t.client.execute({
      sql: 'select action, details from audit_entries where actor_id = ? order by id',
      args: [owner.accountId],
    });
    expect(rows.map(({ action }) => action)).toEqual(['access-token.create', 'access-token.revoke']);
    expect(JSON.parse(String(rows[0]?.details))).toEqual({
      name: 'ci',
      permissions: everything.join(' '),
      reaches: `${organization.slug} ${one.ref}`,
    });
  });

  test.each([
    ['a foreign organization', () => ({ organization_slugs: [foreign.slug] }), 'organization_slugs'],
    ['an unknown organization', () => ({ organization_slugs: ['x'.repeat(20)] }), 'organization_slugs'],
    ['a foreign project', () => ({ project_refs: [one.ref, foreignProject.ref] }), 'project_refs'],
    ['an unknown project', () => ({ project_refs: ['x'.repeat(20)] }), 'project_refs'],
    ['nothing, said as a list', () => ({ organization_slugs: [] }), 'organization_slugs'],
    ['a permission there is not', () => ({ permissions: ['everything'] }), 'permissions'],
    ['no permissions', () => ({ permissions: [] }), 'permissions'],
    ['an end in the past', () => ({ expires_at: '2001-01-01T00:00:00Z' }), 'expires_at'],
    ['an end in ten years', () => ({ expires_at: '2099-01-01T00:00:00Z' }), 'expires_at'],
    ['no name', () => ({ name: ' ' }), 'name'],
  ])('makes no token for %s, and says which field is wrong', async (_, body, field) => {
    const sent = { name: 'ci', permissions: ['projects_read'], ...body() };
    const answer = await ask(owner, 'POST', 'scoped-access-tokens', sent);
    expect(answer).toMatchObject({ status: 400, body: { message: expect.stringContaining(field) } });
    expect((await ask(owner, 'GET', 'scoped-access-tokens')).body).toEqual({ tokens: [] });
  });

  test('of an account with a second factor takes a session that showed it', async () => {
    await t.client.execute({
      sql: `insert into mfa_factors (id, account_id, friendly_name, status, secret, created_at, updated_at)
            values (?, ?, '', 'verified', '', 1, 1)`,
      args: [crypto.randomUUID(), owner.accountId],
    });
    expect((await ask(owner, 'POST', 'access-tokens', { name: 'ci' })).status).toBe(403);
    await t.client.execute({ sql: "update sessions set aal = 'aal2' where id = ?", args: [owner.sessionId] });
    expect((await ask(owner, 'POST', 'access-tokens', { name: 'ci' })).status).toBe(201);
  });

  test('is limited by account, and tells so', async () => {
    const narrow = await createTestApp({
      config: { limits: { ...limitsOfTests, 'token.account': { kind: 'rate', burst: 2, intervalMs: 60_000 } } },
    });
    const person = await createPerson(narrow);
    const make = () => send(narrow, person, 'POST', '/trpc/tokens.create', { name: 'ci' });
    expect([(await make()).status, (await make()).status]).toEqual([200, 200]);
    const refused = await make();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
    expect(refused.body).toMatchObject({ error: { data: { error: 'rate_limited' } } });
    const another = await createPerson(narrow);
    expect((await send(narrow, another, 'POST', '/trpc/tokens.create', { name: 'ci' })).status).toBe(200);
  });

  describe('a token', () => {
    test('limited to one project sees no other, neither by itself nor in lists or their counts', async () => {
      const { token } = await scoped({ project_refs: [one.ref] });
      expect(await status(token, `/platform/projects/${one.ref}`)).toBe(200);
      expect(await status(token, `/platform/projects/${other.ref}`)).toBe(404);
      expect(await status(token, `/v1/projects/${other.ref}`)).toBe(404);
      expect(await status(token, `/platform/organizations/${organization.slug}`)).toBe(404);
      expect(refs(await by(token, '/v1/projects'))).toEqual([one.ref]);
      expect((await by(token, '/v1/organizations')).body).toEqual([]);
      expect((await by(token, '/trpc/projects.list')).body).toMatchObject({
        result: { data: { count: 1, items: [{ ref: one.ref }] } },
      });
    });

    test('limited to one organization sees all of it and nothing of another', async () => {
      const second = await createOrganization(t, [{ person: owner, role: 'Owner' }]);
      const elsewhere = await createProject(t, second, host);
      const { token } = await scoped({ organization_slugs: [organization.slug] });
      expect(refs(await by(token, '/v1/projects')).sort()).toEqual([one.ref, other.ref].sort());
      expect(await status(token, `/platform/organizations/${second.slug}`)).toBe(404);
      expect(await status(token, `/platform/projects/${elsewhere.ref}`)).toBe(404);
    });

    test('does not do what its permissions lack', async () => {
      const { token } = await scoped({ permissions: ['projects_read'] });
      expect(await status(token, `/v1/projects/${one.ref}`)).toBe(200);
      expect(await status(token, `/v1/projects/${one.ref}`, 'PATCH', { name: 'other' })).toBe(403);
      expect(await status(token, `/v1/projects/${one.ref}/api-keys?reveal=true`)).toBe(403);
      expect(await status(token, '/v1/organizations')).toBe(403);
      expect(await status(token, '/v1/organizations', 'POST', { name: 'more' })).toBe(403);
      const { token: onlyOrganizations } = await scoped({ permissions: ['organizations_read'] });
      expect(await status(onlyOrganizations, '/v1/organizations')).toBe(200);
      expect(await status(onlyOrganizations, '/v1/projects')).toBe(403);
    });

    test('limited to something makes no organizations, whatever its permissions', async () => {
      const { token } = await scoped({ project_refs: [one.ref] });
      expect(await status(token, '/v1/organizations', 'POST', { name: 'more' })).toBe(403);
      const { token: whole } = await scoped({});
      expect(await status(whole, '/v1/organizations', 'POST', { name: 'more' })).toBe(201);
    });

    test('limited to projects alone joins and declines nothing', async () => {
      const answer = await send(t, owner, 'POST', '/trpc/tokens.create', { name: 'ci', projects: [one.ref] });
      const { token } = (answer.body as { result: { data: Made } }).result.data;
      expect(await status(token, `/v1/projects/${one.ref}`)).toBe(200);
      const invitation = `/platform/organizations/${foreign.slug}/members/invitations`;
      const invited = await send(t, stranger, 'POST', invitation, { email: owner.email, role_id: 3 });
      expect(invited.status).toBeLessThan(300);
      await t.client.execute({
        sql: 'update accounts set email_confirmed_at = 1 where id = ?',
        args: [owner.accountId],
      });
      const { rows } = await t.client.execute({
        sql: 'select id from invitations where email = ?',
        args: [owner.email],
      });
      expect(rows).toHaveLength(1);
      expect(await status(token, `${invitation}/${rows[0]?.id}`, 'DELETE')).toBe(404);
    });

    test('may what its owner may at that moment', async () => {
      const { token } = await scoped({ organization_slugs: [organization.slug] }, administrator);
      expect(await status(token, `/v1/projects/${one.ref}`, 'PATCH', { name: 'renamed' })).toBe(200);
      await t.client.execute({
        sql: "update memberships set role = 'Read-only' where account_id = ?",
        args: [administrator.accountId],
      });
      expect(await status(token, `/v1/projects/${one.ref}`, 'PATCH', { name: 'again' })).toBe(403);
    });

    test.each([
      ['its last project is gone', 401, () => ({ project_refs: [one.ref] })],
      ['one of its projects is gone', 404, () => ({ project_refs: [one.ref, other.ref] })],
    ])('when %s, answers %i for it', async (_, expected, body) => {
      const { token } = await scoped(body());
      await t.client.execute({ sql: 'delete from projects where ref = ?', args: [one.ref] });
      expect(await status(token, `/v1/projects/${one.ref}`)).toBe(expected);
    });

    test('ends with the membership: a limited one for good, any other for that organization', async () => {
      const { token } = await scoped({ organization_slugs: [organization.slug] });
      const { token: whole } = await scoped({});
      const membership = { sql: 'delete from memberships where account_id = ?', args: [owner.accountId] };
      await t.client.execute(membership);
      expect(await status(token, `/v1/projects/${one.ref}`)).toBe(401);
      expect(await status(whole, `/v1/projects/${one.ref}`)).toBe(404);
    });

    test('is refused at once when its account is disabled, on its day, and when it was revoked', async () => {
      const inAnHour = new Date(t.clock.now() + 3_600_000).toISOString();
      const [short, revoked, disabled] = [await scoped({ expires_at: inAnHour }), await scoped({}), await scoped({})];
      expect(await status(revoked.token, '/v1/projects')).toBe(200);
      await ask(owner, 'DELETE', `scoped-access-tokens/${revoked.id}`);
      expect(await status(revoked.token, '/v1/projects')).toBe(401);
      expect(await status(short.token, '/v1/projects')).toBe(200);
      t.clock.advance(3_600_000);
      expect(await status(short.token, '/v1/projects')).toBe(401);
      await t.client.execute({ sql: 'update accounts set disabled_at = 1 where id = ?', args: [owner.accountId] });
      expect(await status(disabled.token, '/v1/projects')).toBe(401);
    });

    test('makes, revokes and looks up no tokens, and a limited one lists none', async () => {
      const made = (await ask(owner, 'POST', 'access-tokens', { name: 'whole' })).body as { id: number; token: string };
      const limited = await scoped({ project_refs: [one.ref] });
      for (const { token } of [made, limited]) {
        expect(await status(token, '/platform/profile/access-tokens', 'POST', { name: 'more' })).toBe(403);
        const body = { name: 'more', permissions: everything };
        expect(await status(token, '/platform/profile/scoped-access-tokens', 'POST', body)).toBe(403);
        expect(await status(token, `/platform/profile/access-tokens/${made.id}`)).toBe(403);
        expect(await status(token, `/platform/profile/access-tokens/${made.id}`, 'DELETE')).toBe(403);
        expect(await status(token, '/trpc/tokens.revoke', 'POST', { id: made.id })).toBe(403);
      }
      expect(await status(made.token, '/platform/profile/access-tokens')).toBe(200);
      expect(await status(limited.token, '/platform/profile/access-tokens')).toBe(403);
    });

    test('cannot list what its maker lost between asking and being made', async () => {
      const { addToken } = t.deps.store.accessTokens;
      t.deps.store.accessTokens.addToken = async (...args) => {
        await t.client.execute({ sql: 'delete from memberships where account_id = ?', args: [owner.accountId] });
        return addToken(...args);
      };
      try {
        const body = { name: 'late', permissions: everything, project_refs: [one.ref] };
        expect((await ask(owner, 'POST', 'scoped-access-tokens', body)).status).toBe(409);
      } finally {
        t.deps.store.accessTokens.addToken = addToken;
      }
    });
  });
});
