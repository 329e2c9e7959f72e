import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { agentHeaders, protocolVersion } from '../../schema/agent-protocol.ts';
import { openDoors, routes } from '../../worker/routes.ts';
import { type DescribedRoute, describedRoutes } from '../support/routes.ts';
import { createSeededApp, type Seeded } from '../support/seeded.ts';
import { situationOf } from '../support/situations.ts';

const json = { 'content-type': 'application/json' };
/** What may be said instead of doing it: anything but a crash. */
const refusals = new Set([501, 503, 504]);

/** JSON can write it, and no database takes it. */
const halfACharacter = 'a\ud800b';

/** Refused for its signature before its body is looked at. */
const signed = /\/agent\/v1\/report$/;

describe('input that nobody means', () => {
  let seeded: Seeded;
  const described = describedRoutes([...openDoors(), ...routes()]);
  const withBody = described.filter(({ bodyFields }) => bodyFields.length > 0);

  beforeAll(async () => {
    seeded = await createSeededApp();
  });

  const send = async (route: DescribedRoute, init: RequestInit, search = '') => {
    const url = route.url({ ref: seeded.ref, slug: seeded.organization.slug });
    const response = await seeded.app.request(`${url}${search}`, {
      method: route.method,
      ...init,
      headers: { ...credentialsOf(route.name), ...json, ...init.headers },
    });
    return { status: response.status, text: await response.text() };
  };
  const credentialsOf = (name: string): HeadersInit => {
    if (name.endsWith('/bootstrap')) return { authorization: 'Bearer bootstrap' };
    return { ...seeded.owner.headers, [agentHeaders.version]: String(protocolVersion) };
  };
  const expectCalm = ({ status, text }: { status: number; text: string }, what: string) => {
    if (status >= 500) expect(refusals.has(status), `${what}: ${status} ${text}`).toBe(true);
    expect(text, what).not.toContain('database_unavailable');
    expect(text, what).not.toMatch(/\n\s+at |SQLITE|node_modules|\binsert into\b/i);
    if (status >= 400)
      expect(JSON.parse(text), what).toSatisfy((body) => typeof (body.message ?? body.msg) === 'string');
  };

  test('there are routes to try it on', () => {
    expect(withBody.length).toBeGreaterThan(5);
  });

  test.each(withBody.map((route) => [route.name, route] as const))('%s survives any JSON', async (_, route) => {
    const fields = fc.dictionary(
      fc.constantFrom(...route.bodyFields, '__proto__', 'constructor', 'extra'),
      fc.jsonValue(),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), fields), async (value) => {
        const body = JSON.stringify(value);
        expectCalm(await send(route, { body }), `${route.name} ${body}`);
      }),
      { numRuns: 25 },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test.each(withBody.map((route) => [route.name, route] as const))(
    '%s names the field that is wrong',
    async (_, route) => {
      for (const field of route.bodyFields) {
        for (const wrong of [{ nested: { deep: [] } }, undefined, null, 7, 'x'.repeat(100_000)]) {
          if (!route.refuses(field, wrong) || signed.test(route.name)) continue;
          const { status, text } = await send(route, { body: JSON.stringify({ [field]: wrong }) });
          expect([status, text], `${route.name} ${field}: ${wrong}`).toEqual([400, expect.stringContaining(field)]);
        }
      }
    },
  );

  test.each(withBody.filter(({ name }) => !signed.test(name)).map((route) => [route.name, route] as const))(
    '%s takes no text that is half a character',
    async (_, route) => {
      const given = (await situationOf(seeded, route.name, seeded.ref)).body;
      for (const field of route.bodyFields) {
        if (route.refuses(field, halfACharacter)) continue;
        const body = JSON.stringify({ ...(typeof given === 'object' && given), [field]: halfACharacter });
        const { status, text } = await send(route, { body });
        expect(status, `${route.name} ${field}: ${text}`).toBe(400);
      }
    },
  );

  test.each(described.map((route) => [route.name, route] as const))(
    '%s survives any query and path',
    async (_, route) => {
      const values = [
        '',
        '-1',
        '1e999',
        'NaN',
        '%00',
        '%',
        '%ff',
        '%F0%9F%92%A9',
        '..%2f..%2fetc',
        "'%20or%201=1--",
        'x'.repeat(3_000),
      ];
      for (const value of values) {
        const search = `?${[...route.queryFields, '__proto__', 'limit'].map((name) => `${name}=${value}`).join('&')}`;
        if (route.method === 'GET') expectCalm(await send(route, {}, search), `${route.name}${search}`);
        const elsewhere = route.url({ ref: value, slug: value, id: value });
        const response = await seeded.app.request(elsewhere === '' ? '/' : elsewhere, {
          method: route.method,
          headers: { ...seeded.owner.headers, ...json },
          ...(route.method !== 'GET' && { body: '{}' }),
        });
        expectCalm({ status: response.status, text: await response.text() }, `${route.method} ${elsewhere}`);
      }
    },
  );

  test('never says whose something is, what somebody may do, or where it runs', async () => {
    const { organization, owner, reader, stranger, ref } = seeded;
    const stateOf = async () => {
      const { rows } = await seeded.client.execute({
        sql: `select o.id, o.slug, o.project_count, p.organization_id, p.host_id, p.ref,
                     (select group_concat(account_id || role) from (
                        select account_id, role from memberships where organization_id = o.id order by account_id)),
                     (select group_concat(number || is_operator) from (
                        select number, is_operator from accounts where id in (?, ?, ?) order by number))
              from organizations as o join projects as p on p.organization_id = o.id where o.id = ? and p.ref = ?`,
        args: [owner.accountId, reader.accountId, stranger.accountId, organization.id, ref],
      });
      return JSON.stringify(rows);
    };
    const smuggled = {
      id: 1,
      slug: 'taken-over',
      ref: 'taken-over',
      organization_id: 1,
      organizationId: 1,
      account_id: reader.accountId,
      role: 'Owner',
      role_id: 1,
      host_id: 'elsewhere',
      status: 'INACTIVE',
      is_operator: true,
      isOperator: true,
      __proto__: { isOperator: true },
    };
    for (const route of withBody.filter(({ method }) => method !== 'DELETE')) {
      for (const person of [reader, owner]) {
        const given = (await situationOf(seeded, route.name, ref)).body;
        // getting there may have made people members
        const before = await stateOf();
        const body = JSON.stringify(Array.isArray(given) ? given : { ...smuggled, ...(given ?? {}) });
        const answer = await send(route, { body, headers: person.headers });
        expectCalm(answer, `${route.name} ${body}`);
        expect([route.name, await stateOf()]).toEqual([route.name, before]);
      }
    }
  });

  test('beyond the limits is refused with the status that says which', async () => {
    const ask = async (path: string, init: RequestInit = {}) => {
      const response = await seeded.app.request(path, {
        ...init,
        headers: { ...seeded.owner.headers, ...init.headers },
      });
      return [response.status, await response.json()];
    };
    const message = (text: string) => ({ message: expect.stringContaining(text) });
    expect(await ask(`/platform/organizations?x=${'x'.repeat(8 * 1024)}`)).toEqual([
      414,
      expect.objectContaining(message('8 KB')),
    ]);
    expect(await ask('/platform/organizations', { headers: { 'x-large': 'x'.repeat(16 * 1024) } })).toEqual([
      431,
      expect.objectContaining(message('16 KB')),
    ]);
    const large = JSON.stringify({ name: 'x'.repeat(1024 * 1024) });
    expect(await ask('/platform/organizations', { method: 'POST', headers: json, body: large })).toEqual([
      413,
      expect.objectContaining(message('1 MB')),
    ]);
    const streamed = new Request('http://supafleet.test/platform/organizations', {
      method: 'POST',
      headers: { ...seeded.owner.headers, ...json },
      body: new Blob([large]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect((await seeded.app.request(streamed)).status).toBe(413);
  });

  test('methods of every kind are answered', async () => {
    for (const path of ['/platform/organizations', `/platform/projects/${seeded.ref}`, '/health', '/auth/v1/token']) {
      for (const method of ['HEAD', 'OPTIONS', 'PUT', 'TRACEX', 'PROPFIND']) {
        const response = await seeded.app.request(path, { method, headers: seeded.owner.headers });
        expect(response.status, `${method} ${path}`).toBeLessThan(500);
      }
    }
  });
});

describe('a browser that asks first', () => {
  const asked =
    'authorization,content-type,version,x-request-id,x-connection-encrypted,x-pg-application-name,x-graphql-authorization,x-client-info,x-supabase-api-version';
  let seeded: Seeded;
  beforeAll(async () => {
    seeded = await createSeededApp();
  });
  const preflight = (origin: string, method: string, path = '/platform/profile') =>
    seeded.app.request(path, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': asked },
    });

  test.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])(
    'may use %s from Studio, with credentials and its headers',
    async (method) => {
      for (const path of [
        '/platform/profile',
        '/auth/v1/token',
        '/v1/projects/x/api-keys',
        '/platform/telemetry/feature-flags',
      ]) {
        const response = await preflight('http://studio.test', method, path);
        expect(response.status).toBe(204);
        expect(response.headers.get('access-control-allow-origin')).toBe('http://studio.test');
        expect(response.headers.get('access-control-allow-credentials')).toBe('true');
        expect(response.headers.get('access-control-allow-methods')?.split(',')).toContain(method);
        const allowed = response.headers.get('access-control-allow-headers')?.toLowerCase().split(',') ?? [];
        for (const header of asked.split(',')) expect(allowed).toContain(header);
      }
    },
  );

  test.each(['http://evil.test', 'http://studio.test.evil.test', 'null', 'http://STUDIO.test:80'])(
    'gets nothing from %s',
    async (origin) => {
      const response = await seeded.app.request('/platform/profile', { headers: { ...seeded.owner.headers, origin } });
      for (const { headers } of [await preflight(origin, 'GET'), response]) {
        expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
        expect(headers.get('vary')).toContain('Origin');
      }
    },
  );

  test.each(['/platform/profile', '/trpc/users.me', '/auth/v1/user', '/health', '/nothing'])(
    'is told which request it was, like anyone who asks for %s',
    async (path) => {
      for (const headers of [{}, { origin: 'http://studio.test' }]) {
        const response = await seeded.app.request(path, { headers: { ...seeded.owner.headers, ...headers } });
        expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
        expect(response.headers.get('vary')).toContain('Origin');
      }
    },
  );

  test('may read refusals too', async () => {
    const response = await seeded.app.request('/platform/profile', { headers: { origin: 'http://studio.test' } });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([401, 'http://studio.test']);
  });
});
