import { beforeAll, describe, expect, test } from 'vitest';
import type { Hasher } from '../../../worker/deps.ts';
import { defaultLimits, type Limits } from '../../../worker/limits/policies.ts';
import type { Limit } from '../../../worker/store/rate-limits.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { createPerson, letters, type Person } from '../../support/people.ts';

const password = 'correct horse battery';
const second = 1000;
const minute = 60 * second;

let addresses = 0;
/** An address that no other test has. */
const newAddress = () => {
  addresses += 1;
  return `${letters(8)}.${addresses}`;
};

describe('a limit', () => {
  let t: TestApp;
  beforeAll(async () => {
    t = await createTestApp();
  });

  const rate = (burst: number, intervalMs = second): Limit => ({
    key: `test:${letters(12)}`,
    policy: { kind: 'rate', burst, intervalMs },
  });
  const delay = (free: number): Limit => ({
    key: `test:${letters(12)}`,
    policy: { kind: 'backoff', free, baseMs: second, maximumMs: 8 * second, quietMs: minute },
  });
  const take = async (...limits: Limit[]) => (await t.deps.store.rateLimits.take(limits, t.clock.now())).isLetIn;
  const takeMany = async (count: number, limit: Limit) =>
    (await Promise.all(Array.from({ length: count }, () => take(limit)))).filter((isLetIn) => isLetIn).length;

  test('lets exactly its burst in when fifty ask at once, and then one each interval', async () => {
    const limit = rate(10);
    expect(await takeMany(50, limit)).toBe(10);
    t.clock.advance(second - 1);
    expect(await take(limit)).toBe(false);
    t.clock.advance(1);
    expect(await takeMany(5, limit)).toBe(1);
    t.clock.advance(3 * second);
    expect(await takeMany(20, limit)).toBe(3);
    t.clock.advance(minute);
    expect(await takeMany(20, limit)).toBe(10);
  });

  test('that delays lets exactly the free ones in when fifty ask at once, and doubles from then on', async () => {
    const limit = delay(10);
    expect(await takeMany(50, limit)).toBe(10);
    for (const seconds of [1, 2, 4, 8, 8]) {
      t.clock.advance(seconds * second - 1);
      expect(await take(limit)).toBe(false);
      t.clock.advance(1);
      expect(await takeMany(5, limit)).toBe(1);
    }
    t.clock.advance(8 * second + minute);
    expect(await takeMany(50, limit)).toBe(10);
  });

  test('takes no offence at requests that come out of the order of their clocks', async () => {
    const limit = delay(10);
    const takenAt = async (now: number) => (await t.deps.store.rateLimits.take([limit], now)).isLetIn;
    const now = t.clock.now();
    for (let times = 0; times < 10; times += 1) expect(await takenAt(now - 5 * times)).toBe(true);
    expect(await takenAt(now)).toBe(false);
  });

  test('that refuses takes nothing, of itself or of the others that were asked with it', async () => {
    const [narrow, wide] = [rate(1), rate(3)];
    expect(await take(narrow, wide)).toBe(true);
    for (let times = 0; times < 5; times += 1) expect(await take(narrow, wide)).toBe(false);
    expect(await takeMany(5, wide)).toBe(2);
  });
});

describe('signing in', () => {
  const narrow: Partial<Limits> = {
    'sign-in.address': { kind: 'rate', burst: 12, intervalMs: second },
    'sign-in.account-address': { kind: 'backoff', free: 3, baseMs: second, maximumMs: minute, quietMs: 60 * minute },
    'sign-in.account': { kind: 'backoff', free: 6, baseMs: second, maximumMs: 30 * second, quietMs: 60 * minute },
  };
  let verified = 0;
  const hasher: Hasher = {
    hash: async (text) => `plain$${text}`,
    verify: async (text, hash) => {
      verified += 1;
      return hash === `plain$${text}`;
    },
  };
  const appWith = (limits: Partial<Limits>) =>
    createTestApp({
      hasher,
      config: { clientAddressHeader: 'x-address', limits: { ...defaultLimits, ...limits } },
    });
  let t: TestApp;
  let person: Person;
  beforeAll(async () => {
    t = await appWith(narrow);
    person = await createPerson(t);
  });

  const ask = (app: TestApp, grant: string, body: object, address: string, headers: Record<string, string> = {}) =>
    app.app.request(`/auth/v1/token?grant_type=${grant}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-address': address, ...headers },
      body: JSON.stringify(body),
    });
  const signIn = (email: string, typed: string, address: string, headers?: Record<string, string>) =>
    ask(t, 'password', { email, password: typed }, address, headers);
  const figures = ({ status, headers }: Response) => ({
    status,
    limit: headers.get('x-ratelimit-limit'),
    remaining: headers.get('x-ratelimit-remaining'),
    reset: headers.get('x-ratelimit-reset'),
    retryAfter: headers.get('retry-after'),
  });

  test('tells on every answer what is left of the tightest limit, and when to come back', async () => {
    const address = newAddress();
    const { email } = await createPerson(t);
    const told = [];
    for (let times = 0; times < 4; times += 1) told.push(figures(await signIn(email, 'wrong', address)));
    expect(told).toEqual([
      { status: 400, limit: '3', remaining: '2', reset: '3600', retryAfter: null },
      { status: 400, limit: '3', remaining: '1', reset: '3600', retryAfter: null },
      { status: 400, limit: '3', remaining: '0', reset: '1', retryAfter: null },
      { status: 429, limit: '3', remaining: '0', reset: '1', retryAfter: '1' },
    ]);
    t.clock.advance(second);
    expect(figures(await signIn(email, password, address))).toMatchObject({ status: 200, limit: '3', remaining: '0' });
  });

  test("refuses in GoTrue's shapes, readable from Studio's origin", async () => {
    const address = newAddress();
    const { email } = await createPerson(t);
    for (let times = 0; times < 3; times += 1) await signIn(email, 'wrong', address);
    const old = await signIn(email, 'wrong', address, { origin: 'http://studio.test' });
    expect([old.status, await old.json()]).toEqual([
      429,
      { code: 429, error_code: 'over_request_rate_limit', msg: expect.stringContaining('try again in 1 second') },
    ]);
    expect(old.headers.get('access-control-expose-headers')?.toLowerCase()).toContain('x-ratelimit-remaining');
    const newer = await signIn(email, 'wrong', address, { 'x-supabase-api-version': '2024-01-01' });
    expect(await newer.json()).toMatchObject({ code: 'over_request_rate_limit' });
    expect(figures(newer)).toMatchObject({ status: 429, remaining: '0', retryAfter: '1' });
  });

  test('delays attempts at an unknown account just as at a known one, and verifies nothing meanwhile', async () => {
    const known = (await createPerson(t)).email;
    const unknown = `${letters(12)}@example.com`;
    const answersOf = async (email: string) => {
      const address = newAddress();
      verified = 0;
      const answers = [];
      for (let times = 0; times < 6; times += 1) {
        const answer = await signIn(email, 'wrong', address);
        answers.push([figures(answer), await answer.text()]);
      }
      return { answers, verified };
    };
    const told = await answersOf(known);
    expect(told.verified).toBe(3);
    expect(await answersOf(unknown)).toEqual(told);
  });

  test('keeps no address of mail in its table', async () => {
    await signIn(person.email, 'wrong', newAddress());
    const { rows } = await t.client.execute('select key from rate_limits');
    expect(JSON.stringify(rows)).not.toContain(person.email);
  });

  test('begins anew after a right password', async () => {
    const address = newAddress();
    const { email } = await createPerson(t);
    for (let times = 0; times < 3; times += 1) {
      for (const typed of ['wrong', 'wrong']) expect((await signIn(email, typed, address)).status).toBe(400);
      expect((await signIn(email, password, address)).status).toBe(200);
    }
  });

  test('is possible for its owner while strangers everywhere guess, from where they are signed in', async () => {
    const home = newAddress();
    const { email } = await createPerson(t);
    expect((await signIn(email, password, home)).status).toBe(200);
    const guesses = [];
    for (let times = 0; times < 8; times += 1) guesses.push((await signIn(email, 'guess', newAddress())).status);
    expect(guesses).toEqual([400, 400, 400, 400, 400, 400, 429, 429]);
    expect((await signIn(email, password, home)).status).toBe(200);
  });

  test('waits half a minute at most for what strangers elsewhere did', async () => {
    const { email } = await createPerson(t);
    for (let times = 0; times < 20; times += 1) {
      await signIn(email, 'guess', newAddress());
      t.clock.advance(30 * second);
    }
    const refused = await signIn(email, 'guess', newAddress());
    expect(refused.status).toBe(400);
    expect(figures(await signIn(email, password, newAddress()))).toMatchObject({ status: 429, retryAfter: '30' });
    t.clock.advance(30 * second);
    expect((await signIn(email, password, newAddress())).status).toBe(200);
  });

  test('of twenty people behind one address, or twenty times one account, is not noticed', async () => {
    const usual = await appWith({});
    const address = newAddress();
    const people = await Promise.all(Array.from({ length: 20 }, () => createPerson(usual)));
    const one = await createPerson(usual);
    const emails = [...people.map(({ email }) => email), ...Array<string>(20).fill(one.email)];
    const answers = await Promise.all(emails.map((email) => ask(usual, 'password', { email, password }, address)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  test('is limited for an address whatever the accounts; a whole IPv6 network is one address', async () => {
    const network = `2001:db8:${Math.floor(Math.random() * 0xffff).toString(16)}:${Math.floor(Math.random() * 0xffff).toString(16)}`;
    const statuses = [];
    for (let times = 0; times < 14; times += 1) {
      statuses.push((await signIn(`${letters(12)}@example.com`, 'wrong', `${network}::${times}`)).status);
    }
    expect(statuses).toEqual([...Array(12).fill(400), 429, 429]);
  });

  test('cannot be had from another address by a header that the proxy only adds to', async () => {
    const address = newAddress();
    const { email } = await createPerson(t);
    const statuses = [];
    for (let times = 0; times < 4; times += 1) {
      statuses.push((await signIn(email, 'wrong', `10.0.0.${times}, ${address}`)).status);
    }
    expect(statuses).toEqual([400, 400, 400, 429]);
  });

  test('is refused, and no password looked at, while the database does not answer', async () => {
    const broken = await appWith(narrow);
    broken.client.batch = () => Promise.reject(new TypeError('fetch failed'));
    verified = 0;
    const answer = await ask(broken, 'password', { email: person.email, password }, newAddress());
    expect([answer.status, verified]).toEqual([503, 0]);
  });

  test('is told by the official client as what it is', async () => {
    const { GoTrueClient } = await import('@supabase/auth-js');
    const address = newAddress();
    const { email } = await createPerson(t);
    const auth = new GoTrueClient({
      url: 'http://supafleet.test/auth/v1',
      autoRefreshToken: false,
      persistSession: false,
      fetch: async (url, init) => {
        const headers = new Headers(init?.headers);
        headers.set('x-address', address);
        return t.app.request(String(url), { ...init, headers });
      },
    });
    for (let times = 0; times < 3; times += 1) await auth.signInWithPassword({ email, password: 'wrong' });
    const { error } = await auth.signInWithPassword({ email, password });
    expect(error).toMatchObject({ name: 'AuthApiError', status: 429, code: 'over_request_rate_limit' });
  });
});

describe('refreshing', () => {
  test('is limited for each session and tells so; others go on', async () => {
    const t = await createTestApp({
      config: {
        clientAddressHeader: 'x-address',
        limits: { ...defaultLimits, 'refresh.session': { kind: 'rate', burst: 2, intervalMs: minute } },
      },
    });
    const address = newAddress();
    const ask = async (grant: string, body: object) => {
      const response = await t.app.request(`/auth/v1/token?grant_type=${grant}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-address': address },
        body: JSON.stringify(body),
      });
      return { status: response.status, body: await response.json(), headers: response.headers };
    };
    const [one, other] = await Promise.all(
      [await createPerson(t), await createPerson(t)].map(
        async ({ email }) => (await ask('password', { email, password })).body.refresh_token,
      ),
    );
    let token = one;
    for (const remaining of ['1', '0']) {
      const { status, body, headers } = await ask('refresh_token', { refresh_token: token });
      expect([status, headers.get('x-ratelimit-remaining')]).toEqual([200, remaining]);
      token = body.refresh_token;
    }
    expect(await ask('refresh_token', { refresh_token: token })).toMatchObject({
      status: 429,
      body: { error_code: 'over_request_rate_limit' },
    });
    expect((await ask('refresh_token', { refresh_token: other })).status).toBe(200);
    t.clock.advance(minute);
    expect((await ask('refresh_token', { refresh_token: token })).status).toBe(200);
  });
});
