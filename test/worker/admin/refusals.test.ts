import { beforeAll, describe, expect, test } from 'vitest';
import { adminRouter } from '../../../worker/admin/router.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { clientOf } from '../../support/client.ts';
import { createHost, createOrganization, createPerson, createProject, type Person } from '../../support/people.ts';

describe('the tRPC door refuses', () => {
  let t: TestApp;
  let owner: Person;
  let reader: Person;
  let stranger: Person;
  let operator: Person;
  let ref: string;
  let slug: string;
  let hostId: string;

  beforeAll(async () => {
    t = await createTestApp();
    [owner, reader, stranger, operator] = await Promise.all([
      createPerson(t),
      createPerson(t),
      createPerson(t),
      createPerson(t, { isOperator: true }),
    ]);
    const organization = await createOrganization(t, [
      { person: owner, role: 'Owner' },
      { person: reader, role: 'Read-only' },
    ]);
    const host = await createHost(t);
    slug = organization.slug;
    hostId = host.id;
    ref = (await createProject(t, organization, host)).ref;
  });

  /** `[who, procedure, method, input, status]`, by the people's names */
  type Case = [string, string, 'GET' | 'POST', () => unknown, number];
  const call = (headers: HeadersInit | null, path: string, method: string, input: unknown) => {
    const query = method === 'GET' && input !== undefined ? `?input=${encodeURIComponent(JSON.stringify(input))}` : '';
    return t.app.request(`/trpc/${path}${query}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(method === 'POST' && { body: JSON.stringify(input ?? {}) }),
    });
  };
  const people = (): Record<string, HeadersInit | null> => ({
    nobody: null,
    owner: owner.headers,
    reader: reader.headers,
    stranger: stranger.headers,
    operator: operator.headers,
  });

  // every procedure, who is refused it and how; `anyone` is for everybody who is signed in
  const anyone = {};
  const operators = { owner: 403, reader: 403, stranger: 403 };
  const members = { stranger: 404, operator: 404 };
  const administrators = { ...members, reader: 403 };
  type Entry = { method: 'GET' | 'POST'; input: () => object | undefined; refused: Partial<Record<string, number>> };
  const census: Record<string, Entry> = {
    'audit.head': { method: 'GET', input: () => ({ organization: slug }), refused: administrators },
    'audit.list': { method: 'GET', input: () => ({ organization: slug }), refused: administrators },
    'audit.verify': { method: 'GET', input: () => ({ organization: slug }), refused: administrators },
    'hosts.list': { method: 'GET', input: () => undefined, refused: operators },
    'hosts.get': { method: 'GET', input: () => ({ id: hostId }), refused: operators },
    'hosts.createEnrolmentToken': { method: 'POST', input: () => undefined, refused: operators },
    'hosts.revoke': { method: 'POST', input: () => ({ id: hostId }), refused: operators },
    'hosts.cordon': { method: 'POST', input: () => ({ id: hostId }), refused: operators },
    'hosts.uncordon': { method: 'POST', input: () => ({ id: hostId }), refused: operators },
    'organizations.list': { method: 'GET', input: () => undefined, refused: anyone },
    'organizations.get': { method: 'GET', input: () => ({ slug }), refused: members },
    'organizations.rename': { method: 'POST', input: () => ({ slug, name: 'mine' }), refused: administrators },
    'organizations.delete': { method: 'POST', input: () => ({ slug }), refused: administrators },
    'organizations.leave': { method: 'POST', input: () => ({ slug }), refused: members },
    'organizations.transfer': { method: 'POST', input: () => ({ slug, to: reader.email }), refused: administrators },
    'organizations.enforceMfa': { method: 'POST', input: () => ({ slug, enforced: true }), refused: administrators },
    'members.list': { method: 'GET', input: () => ({ organization: slug }), refused: members },
    'members.invite': {
      method: 'POST',
      input: () => ({ organization: slug, email: 'new@example.com', role: 'Read-only' }),
      refused: administrators,
    },
    'members.setRole': {
      method: 'POST',
      input: () => ({ organization: slug, member: reader.email, role: 'Developer' }),
      refused: administrators,
    },
    'members.remove': {
      method: 'POST',
      input: () => ({ organization: slug, member: owner.email }),
      refused: administrators,
    },
    'invitations.list': { method: 'GET', input: () => ({ organization: slug }), refused: members },
    'invitations.revoke': {
      method: 'POST',
      input: () => ({ organization: slug, id: 1 }),
      refused: administrators,
    },
    'organizations.create': { method: 'POST', input: () => ({ name: 'theirs' }), refused: anyone },
    'projects.list': { method: 'GET', input: () => ({ organization: slug }), refused: members },
    'projects.get': { method: 'GET', input: () => ({ ref }), refused: members },
    'projects.create': { method: 'POST', input: () => ({ organization: slug, name: 'new' }), refused: administrators },
    'projects.rename': { method: 'POST', input: () => ({ ref, name: 'mine' }), refused: administrators },
    'projects.pause': { method: 'POST', input: () => ({ ref }), refused: administrators },
    'projects.restore': { method: 'POST', input: () => ({ ref }), refused: administrators },
    'projects.restart': { method: 'POST', input: () => ({ ref }), refused: administrators },
    'projects.remove': { method: 'POST', input: () => ({ ref }), refused: administrators },
    'projects.resize': { method: 'POST', input: () => ({ ref, size: 'small' }), refused: administrators },
    'projects.upgrade': { method: 'POST', input: () => ({ ref }), refused: administrators },
    'projects.setProfile': { method: 'POST', input: () => ({ ref, profile: 'full' }), refused: administrators },
    'projects.spec': { method: 'POST', input: () => ({ ref, showSecrets: true }), refused: operators },
    'projects.apiKeys': { method: 'GET', input: () => ({ ref, reveal: true }), refused: administrators },
    'system.info': { method: 'GET', input: () => undefined, refused: anyone },
    'tokens.list': { method: 'GET', input: () => undefined, refused: anyone },
    'tokens.create': { method: 'POST', input: () => ({ name: 'ci' }), refused: anyone },
    'tokens.revoke': {
      method: 'POST',
      input: () => ({ id: 1 }),
      refused: { owner: 404, reader: 404, stranger: 404, operator: 404 },
    },
    'users.me': { method: 'GET', input: () => undefined, refused: anyone },
    'users.list': { method: 'GET', input: () => undefined, refused: operators },
    'users.create': {
      method: 'POST',
      input: () => ({ email: 'a@b.example', password: 'long enough' }),
      refused: operators,
    },
    'users.invite': { method: 'POST', input: () => ({ email: 'invited@example.com' }), refused: operators },
    'users.reset': { method: 'POST', input: () => ({ idOrEmail: reader.accountId }), refused: operators },
    'users.resetMfa': { method: 'POST', input: () => ({ id: reader.accountId }), refused: operators },
    'users.disable': { method: 'POST', input: () => ({ id: reader.accountId }), refused: operators },
    'users.enable': { method: 'POST', input: () => ({ id: reader.accountId }), refused: operators },
  };

  test('nothing that the census does not name', () => {
    expect(Object.keys(census).sort()).toEqual(Object.keys(adminRouter._def.procedures).sort());
  });

  test.each(Object.entries(census))(
    '%s to nobody and to those it is not for, and does nothing for them',
    async (path, entry) => {
      const { method, input, refused } = entry;
      const before = await everything();
      expect((await call(null, path, method, input())).status, 'nobody').toBe(401);
      for (const [who, status] of Object.entries(refused)) {
        expect((await call(people()[who] ?? null, path, method, input())).status, who).toBe(status);
      }
      expect(await everything()).toEqual(before);
    },
  );

  test.each(Object.entries(census))('%s to text that is half a character', async (path, { method, input }) => {
    const texts = Object.entries(input() ?? {}).filter(([, value]) => typeof value === 'string');
    for (const [name] of texts) {
      const response = await call(operator.headers, path, method, { ...input(), [name]: 'a\ud800' });
      expect([response.status, await response.text()], name).toEqual([400, expect.stringContaining(name)]);
    }
  });

  const everything = async () => {
    const { rows } = await t.client.execute({
      sql: `select projects.*, hosts.cordoned, hosts.revoked_at, accounts.disabled_at,
                   (select count(*) from projects where organization_id = organizations.id) as projects,
                   (select count(*) from audit_entries where actor_id in (?, ?, ?, ?)
                      and action <> 'access.refused') as changes
            from projects join hosts on hosts.id = host_id join organizations on organizations.id = organization_id
            join accounts on accounts.id = ? where ref = ?`,
      args: [owner, reader, stranger, operator, reader].map(({ accountId }) => accountId).concat(ref),
    });
    return rows.map((row) => ({ ...row }));
  };

  const cases: Case[] = [
    ['nobody', 'system.info', 'GET', () => undefined, 401],
    ['nobody', 'projects.pause', 'POST', () => ({ ref }), 401],
    ['nobody', 'hosts.createEnrolmentToken', 'POST', () => undefined, 401],
    ['stranger', 'projects.get', 'GET', () => ({ ref }), 404],
    ['stranger', 'projects.pause', 'POST', () => ({ ref }), 404],
    ['stranger', 'projects.rename', 'POST', () => ({ ref, name: 'mine' }), 404],
    ['stranger', 'projects.apiKeys', 'GET', () => ({ ref, reveal: true }), 404],
    ['stranger', 'projects.list', 'GET', () => ({ organization: slug }), 404],
    ['stranger', 'organizations.get', 'GET', () => ({ slug }), 404],
    ['stranger', 'audit.list', 'GET', () => ({ organization: slug }), 404],
    ['operator', 'projects.get', 'GET', () => ({ ref }), 404],
    ['reader', 'projects.pause', 'POST', () => ({ ref }), 403],
    ['reader', 'projects.remove', 'POST', () => ({ ref }), 403],
    ['reader', 'projects.create', 'POST', () => ({ organization: slug, name: 'new' }), 403],
    ['reader', 'audit.list', 'GET', () => ({ organization: slug }), 403],
    ['owner', 'hosts.list', 'GET', () => undefined, 403],
    ['owner', 'hosts.get', 'GET', () => ({ id: hostId }), 403],
    ['owner', 'hosts.revoke', 'POST', () => ({ id: hostId }), 403],
    ['owner', 'hosts.cordon', 'POST', () => ({ id: hostId }), 403],
    ['owner', 'hosts.createEnrolmentToken', 'POST', () => undefined, 403],
    ['owner', 'users.list', 'GET', () => undefined, 403],
    ['owner', 'users.create', 'POST', () => ({ email: 'a@b.example', password: 'long enough' }), 403],
    ['owner', 'users.invite', 'POST', () => ({ email: 'a@b.example' }), 403],
    ['owner', 'users.reset', 'POST', () => ({ idOrEmail: reader.accountId }), 403],
    ['operator', 'users.reset', 'POST', () => ({ idOrEmail: 'nobody@example.com' }), 404],
    ['owner', 'users.enable', 'POST', () => ({ id: reader.accountId }), 403],
    ['operator', 'users.enable', 'POST', () => ({ id: reader.accountId }), 409],
    ['owner', 'users.disable', 'POST', () => ({ id: reader.accountId }), 403],
    ['operator', 'hosts.get', 'GET', () => ({ id: 'x' }), 404],
    ['owner', 'projects.restore', 'POST', () => ({ ref }), 409],
    ['owner', 'projects.get', 'GET', () => ({ ref: 7 }), 400],
    ['owner', 'projects.get', 'GET', () => ({ ref: 'x'.repeat(101) }), 400],
    ['owner', 'projects.list', 'GET', () => ({ cursor: 'behind' }), 400],
    ['owner', 'projects.list', 'GET', () => ({ limit: 101 }), 400],
    ['operator', 'projects.spec', 'POST', () => ({ ref: 'x'.repeat(20) }), 404],
    ['owner', 'projects.resize', 'POST', () => ({ ref, size: 'galactic' }), 400],
    ['owner', 'projects.setProfile', 'POST', () => ({ ref, profile: '../full' }), 400],
    ['owner', 'projects.upgrade', 'POST', () => ({ ref, release: '2026.13' }), 400],
    ['owner', 'projects.create', 'POST', () => ({ organization: slug, name: 'n', release: '__proto__' }), 400],
    ['owner', 'projects.vanish', 'GET', () => undefined, 404],
    ['owner', 'projects.get', 'POST', () => ({ ref }), 405],
  ];
  test.each(cases)('%s asking %s (%s)', async (who, path, method, input, status) => {
    const response = await call(people()[who] ?? null, path, method, input());
    const body = (await response.json()) as { error: { message: string; data: Record<string, unknown> } };
    expect(response.status, JSON.stringify(body)).toBe(status);
    expect(body.error.data).toMatchObject({ httpStatus: status, requestId: response.headers.get('x-request-id') });
    expect(body.error.data).not.toHaveProperty('stack');
  });

  test.each([
    '__proto__',
    'constructor',
    'projects.__proto__',
    'projects.get.constructor',
    'projects._def',
    '%zz',
    '%00',
    '',
    '..%2f..%2fhealth',
    'projects.get?input=%7B',
    'projects.get?input=%5B%5D',
    'projects.get?input=null',
    'projects.get,projects.get?batch=1&input=%7B%220%22:7%7D',
    'projects.get?batch=1&input=null',
    'projects.get?input=%7B%22__proto__%22%3A%7B%22ref%22%3A%22x%22%7D%7D',
  ])('/trpc/%s, without breaking', async (path) => {
    const response = await t.app.request(`/trpc/${path}`, { headers: owner.headers });
    expect(response.status, await response.text()).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
  });

  test('with the field that is wrong in the message', async () => {
    const body = await (await call(owner.headers, 'projects.get', 'GET', { ref: 7 })).text();
    expect(body).toContain('ref: ');
  });

  test('a body that is no JSON, and an answer names no inner part', async () => {
    const response = await t.app.request('/trpc/projects.pause', {
      method: 'POST',
      headers: { ...owner.headers, 'content-type': 'application/json' },
      body: '{"ref":',
    });
    expect(response.status).toBe(400);
    expect(await response.text()).not.toMatch(/node_modules|\.ts:|at /);
  });

  test('more than twenty calls in one request', async () => {
    const paths = Array(21).fill('system.info').join(',');
    const response = await t.app.request(`/trpc/${paths}?batch=1&input={}`, { headers: owner.headers });
    expect(response.status).toBe(400);
  });

  test('to say anything of what broke inside, and logs it with the request id', async () => {
    const info = t.deps.store.access.account;
    t.deps.store.access.account = async () => {
      throw new Error('secret detail');
    };
    try {
      const response = await call(owner.headers, 'system.info', 'GET', undefined);
      expect(response.status).toBe(500);
      expect(await response.text()).not.toContain('secret detail');
      const requestId = response.headers.get('x-request-id');
      expect(
        t.logged.some(({ fields }) => fields?.requestId === requestId && fields.path === '/trpc/system.info'),
      ).toBe(true);
    } finally {
      t.deps.store.access.account = info;
    }
  });

  test('everything once the session has ended', async () => {
    await t.client.execute({ sql: 'delete from sessions where id = ?', args: [stranger.sessionId] });
    await expect(clientOf(t, stranger.token).users.me.query()).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});
