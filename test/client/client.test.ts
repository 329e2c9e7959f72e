import { beforeAll, describe, expect, test } from 'vitest';
import { createClient, SupafleetError } from '../../client/index.ts';
import { createTestApp, type TestApp, testPublicUrl } from '../support/app.ts';
import { clientOf, fetchInto } from '../support/client.ts';
import { createPerson, type Person } from '../support/people.ts';

/** How people.ts makes accounts. */
const password = 'correct horse battery';

describe('the typed client', () => {
  let t: TestApp;
  let person: Person;
  let asked: string[];

  beforeAll(async () => {
    t = await createTestApp();
    person = await createPerson(t);
  });

  const recorded: typeof globalThis.fetch = (input, init) => {
    const url = new URL(String(input));
    const grant = url.searchParams.get('grant_type');
    asked.push(grant ?? url.pathname);
    return fetchInto(t)(input, init);
  };
  const byPassword = (fetch = recorded) => {
    asked = [];
    return createClient({ url: `${testPublicUrl}/`, email: person.email, password, fetch });
  };
  const endSessions = () =>
    t.client.execute({ sql: 'delete from sessions where account_id = ?', args: [person.accountId] });

  test('works with a personal access token', async () => {
    const me = await clientOf(t, person.token).users.me.query();
    expect(me).toMatchObject({ id: person.accountId, email: person.email });
  });

  test('makes, lists and revokes access tokens when signed in, and none with a token', async () => {
    const client = byPassword();
    const expiresAt = new Date(t.clock.now() + 86_400_000).toISOString();
    const made = await client.tokens.create.mutate({ name: 'ci', expiresAt });
    expect(made).toMatchObject({ name: 'ci', expiresAt, lastUsedAt: null, token: expect.stringMatching(/^sbp_/) });
    const byToken = clientOf(t, made.token);
    const { token: _, ...listed } = made;
    expect(await byToken.tokens.list.query()).toEqual([listed]);
    await expect(byToken.tokens.create.mutate({ name: 'more' })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(client.tokens.create.mutate({ name: 'x', expiresAt: 'soon' })).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('expiresAt'),
    });
    expect(await client.tokens.revoke.mutate({ id: made.id })).toEqual(listed);
    await expect(byToken.users.me.query()).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('signs in once for many concurrent calls, and sends those in one request', async () => {
    const client = byPassword();
    const all = await Promise.all([
      client.users.me.query(),
      client.organizations.list.query(),
      client.system.info.query(),
      client.projects.list.query({ limit: 1 }),
    ]);
    expect(all[0].id).toBe(person.accountId);
    expect(asked).toEqual(['password', '/trpc/users.me,organizations.list,system.info,projects.list']);
  });

  test('signs in again, once, when its session was ended elsewhere', async () => {
    const client = byPassword();
    await client.users.me.query();
    await endSessions();
    expect((await client.users.me.query()).id).toBe(person.accountId);
    expect(asked).toEqual([
      'password',
      '/trpc/users.me',
      '/trpc/users.me',
      'refresh_token',
      'password',
      '/trpc/users.me',
    ]);
  });

  test('refreshes before its token ends', async () => {
    const lateAnswer: typeof globalThis.fetch = async (input, init) => {
      const response = await recorded(input, init);
      if (!String(input).includes('grant_type')) return response;
      const session = (await response.json()) as Record<string, unknown>;
      return Response.json({ ...session, expires_in: 30 }, { status: response.status });
    };
    const client = byPassword(lateAnswer);
    await client.users.me.query();
    await client.users.me.query();
    expect(asked).toEqual(['password', '/trpc/users.me', 'refresh_token', '/trpc/users.me']);
  });

  test('fails with the code, the message and the request id, once', async () => {
    asked = [];
    const client = createClient({ url: testPublicUrl, token: `sbp_${'0'.repeat(40)}`, fetch: recorded });
    const error = await client.users.me.query().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SupafleetError);
    expect(error).toMatchObject({ code: 'unauthenticated', requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(asked).toEqual(['/trpc/users.me']);
  });

  test('tells a refused token that never reached tRPC from an unreachable control plane', async () => {
    const refused = clientOf(t, 'no token of ours').users.me.query();
    await expect(refused).rejects.toMatchObject({ name: 'SupafleetError', code: 'unauthenticated' });
    const nobody = createClient({ url: 'http://127.0.0.1:1', token: person.token });
    await expect(nobody.users.me.query()).rejects.toMatchObject({ code: 'unreachable', requestId: null });
    const html = createClient({
      url: testPublicUrl,
      token: person.token,
      fetch: async () => new Response('<h1>Bad gateway</h1>', { status: 502 }),
    });
    await expect(html.users.me.query()).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('says that a password is wrong, without saying it', async () => {
    const client = createClient({
      url: testPublicUrl,
      email: person.email,
      password: 'wrong one',
      fetch: fetchInto(t),
    });
    const error: unknown = await client.users.me.query().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'SupafleetError', code: 'invalid_credentials' });
    expect(String(error)).not.toContain('wrong one');
  });

  test.each<[string, number, Record<string, unknown>, string]>([
    ['a wrong password', 400, { error_code: 'invalid_credentials' }, 'invalid_credentials'],
    ['too many people signing in', 503, { error_code: 'over_request_rate_limit' }, 'overloaded'],
    ['a database that does not answer', 503, { error_code: 'unexpected_failure' }, 'database_unavailable'],
    ['something broken', 500, { error_code: 'unexpected_failure' }, 'internal'],
    ['an address that is none', 400, { error_code: 'validation_failed' }, 'invalid_input'],
    ['a password without end', 413, { error_code: 'validation_failed' }, 'payload_too_large'],
    ['a body that did not come', 408, { error_code: 'request_timeout' }, 'request_timeout'],
  ])('tells a sign-in refused for %s by its own code', async (_, status, body, code) => {
    const refusing: typeof globalThis.fetch = async () =>
      Response.json({ code: status, msg: 'no', ...body }, { status, headers: { 'x-request-id': 'r1' } });
    const error = byPassword(refusing).users.me.query();
    await expect(error).rejects.toMatchObject({ name: 'SupafleetError', code, message: 'no', requestId: 'r1' });
  });

  test('keeps its session when a refresh fails for a passing reason', async () => {
    let isDown = false;
    const lateAnswer: typeof globalThis.fetch = async (input, init) => {
      if (isDown) {
        const grant = new URL(String(input)).searchParams.get('grant_type');
        asked.push(grant ?? 'other');
        return Response.json({ code: 503, error_code: 'unexpected_failure', msg: 'no database' }, { status: 503 });
      }
      const response = await recorded(input, init);
      if (!String(input).includes('grant_type')) return response;
      const session = (await response.json()) as Record<string, unknown>;
      return Response.json({ ...session, expires_in: 30 }, { status: response.status });
    };
    const client = byPassword(lateAnswer);
    await client.users.me.query();
    isDown = true;
    await expect(client.users.me.query()).rejects.toMatchObject({ code: 'database_unavailable' });
    isDown = false;
    await client.users.me.query();
    expect(asked).toEqual(['password', '/trpc/users.me', 'refresh_token', 'refresh_token', '/trpc/users.me']);
  });

  test('gives up on a control plane that does not answer', async () => {
    const silent: typeof globalThis.fetch = (_input, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      });
    const client = createClient({ url: testPublicUrl, token: person.token, fetch: silent, timeoutMs: 50 });
    await expect(client.users.me.query()).rejects.toMatchObject({ code: 'unreachable' });
  });
});
