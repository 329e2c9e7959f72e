import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Hasher } from '../../../worker/deps.ts';
import { createTestApp, limitsOfTests, type TestApp } from '../../support/app.ts';
import { codeIn, follow, lastMail, linkIn } from '../../support/mails.ts';
import { createOrganization, createPerson } from '../../support/people.ts';
import { send } from '../../support/requests.ts';

const password = 'correct horse battery';
const otherPassword = 'another horse battery';
const newAddress = () => `${randomUUID()}@example.com`;
const hour = 3_600_000;

/** Ways to ask for a mail; each has to tell nobody who has an account here. */
const ways = [
  { path: '/auth/v1/signup', body: (email: string) => ({ email, password: otherPassword }), status: 200, hashes: 1 },
  { path: '/platform/signup', body: (email: string) => ({ email, password: otherPassword }), status: 201, hashes: 1 },
  { path: '/auth/v1/recover', body: (email: string) => ({ email }), status: 200, hashes: 0 },
  { path: '/platform/reset-password', body: (email: string) => ({ email }), status: 201, hashes: 0 },
  { path: '/auth/v1/resend', body: (email: string) => ({ email, type: 'signup' }), status: 200, hashes: 0 },
  { path: '/auth/v1/resend', body: (email: string) => ({ email, type: 'email_change' }), status: 200, hashes: 0 },
  {
    path: '/auth/v1/verify',
    body: (email: string) => ({ email, type: 'recovery', token: '000000' }),
    status: 403,
    hashes: 0,
  },
];

/** What is tried here in haste is limited for everybody else; that has tests of its own. */
const wide = { kind: 'rate', burst: 1000, intervalMs: 1 } as const;
const limits = { ...limitsOfTests, 'mail.recipient': wide, 'code.email': wide };

describe('where everyone may sign up', () => {
  let t: TestApp;
  let hashes = 0;

  beforeAll(async () => {
    const hasher: Hasher = {
      hash: async (text) => {
        hashes += 1;
        return `plain$${text}`;
      },
      verify: async (text, hash) => {
        hashes += 1;
        return hash === `plain$${text}`;
      },
    };
    t = await createTestApp({ hasher, config: { signups: 'open', limits } });
  });

  const signUp = (email: string, given = password) =>
    send(t, null, 'POST', '/auth/v1/signup', { email, password: given });
  const signIn = (email: string, given: string) =>
    send(t, null, 'POST', '/auth/v1/token?grant_type=password', { email, password: given });

  describe.each(ways)('$path', ({ path, body, status, hashes: expected }) => {
    const kinds = {
      unknown: async () => newAddress(),
      unconfirmed: async () => {
        const email = newAddress();
        await signUp(email);
        return email;
      },
      known: async () => (await createPerson(t)).email,
      disabled: async () => {
        const { email, accountId } = await createPerson(t);
        await t.client.execute({ sql: 'update accounts set disabled_at = 1 where id = ?', args: [accountId] });
        return email;
      },
    };

    test('answers alike, after as much work, whether the address is known or not', async () => {
      const seen = [];
      for (const [kind, prepare] of Object.entries(kinds)) {
        const email = await prepare();
        hashes = 0;
        t.roundTrips.reset();
        const answer = await send(t, null, 'POST', path, body(email));
        const shape = JSON.stringify(answer.body)
          .replaceAll(email, 'the address')
          .replaceAll(/[0-9a-f-]{36}/g, 'an id')
          .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'a time');
        expect([kind, answer.status, hashes]).toEqual([kind, status, expected]);
        seen.push({ shape, roundTrips: t.roundTrips.count });
      }
      expect(new Set(seen.map((each) => JSON.stringify(each))).size, JSON.stringify(seen)).toBe(1);
      // the first for its limits
      expect(seen[0]?.roundTrips).toBe(2);
    });
  });

  test('the owner of an address that has an account is told of a sign-up, and nothing changes', async () => {
    const { email } = await createPerson(t);
    await signUp(email, otherPassword);
    const mail = lastMail(t, email);
    expect(mail.subject).toBe('You have an account already');
    expect(mail.text).not.toContain('/verify');
    expect((await signIn(email, otherPassword)).status).toBe(400);
    expect((await signIn(email, password)).status).toBe(200);
  });

  test('a second sign-up before the first was confirmed has the new password and the only good mail', async () => {
    const email = newAddress();
    await signUp(email, password);
    const first = lastMail(t, email);
    await signUp(email, otherPassword);
    expect((await follow(t, linkIn(first))).fragment.error_code).toBe('otp_expired');
    expect((await follow(t, linkIn(lastMail(t, email)))).fragment.type).toBe('signup');
    expect((await signIn(email, password)).status).toBe(400);
    expect((await signIn(email, otherPassword)).status).toBe(200);
  });

  test('a password that somebody set before the address was confirmed is not kept by a recovery', async () => {
    const email = newAddress();
    await signUp(email, password);
    await send(t, null, 'POST', '/auth/v1/recover', { email });
    const { fragment } = await follow(t, linkIn(lastMail(t, email)));
    expect(fragment.type).toBe('recovery');
    expect((await signIn(email, password)).body).toMatchObject({ error_code: 'invalid_credentials' });
  });

  test('ten people at once with one address are one account', async () => {
    const email = newAddress();
    const answers = await Promise.all(Array.from({ length: 10 }, () => signUp(email)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    const { rows } = await t.client.execute({ sql: 'select id from accounts where email = ?', args: [email] });
    expect(rows).toHaveLength(1);
  });

  test('a code may be guessed wrong ten times, also all at once; the link still works after that', async () => {
    const email = newAddress();
    await signUp(email);
    const mail = lastMail(t, email);
    const right = codeIn(mail);
    const guess = (token: string) => send(t, null, 'POST', '/auth/v1/verify', { type: 'signup', email, token });
    const wrong = Array.from({ length: 30 }, (_, index) => String((Number(right) + index + 1) % 1e6).padStart(6, '0'));
    const answers = await Promise.all(wrong.map(guess));
    expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
    expect((await guess(right)).body).toMatchObject({ error_code: 'otp_expired' });
    const { rows } = await t.client.execute({
      sql: 'select code_failures from one_time_tokens where email = ?',
      args: [email],
    });
    expect(rows).toMatchObject([{ code_failures: 10 }]);
    expect((await follow(t, linkIn(mail))).fragment.access_token).toBeDefined();
  });

  test('nine wrong guesses leave one', async () => {
    const email = newAddress();
    await signUp(email);
    const right = codeIn(lastMail(t, email));
    const guess = (token: string) => send(t, null, 'POST', '/auth/v1/verify', { type: 'email', email, token });
    for (let times = 0; times < 9; times += 1) {
      expect((await guess(right === '111111' ? '222222' : '111111')).status).toBe(403);
    }
    expect((await guess(right)).status).toBe(200);
    expect((await guess(right)).status).toBe(403);
  });

  test('a code is good for its address and its kind only', async () => {
    const [one, two] = [newAddress(), newAddress()];
    await signUp(one);
    await signUp(two);
    const guess = (body: object) => send(t, null, 'POST', '/auth/v1/verify', body);
    const token = codeIn(lastMail(t, one));
    expect((await guess({ type: 'signup', email: two, token })).status).toBe(403);
    expect((await guess({ type: 'recovery', email: one, token })).status).toBe(403);
    const token_hash = linkIn(lastMail(t, one)).searchParams.get('token');
    expect((await guess({ type: 'recovery', token_hash })).status).toBe(403);
    expect((await guess({ type: 'signup', token })).status).toBe(400);
    expect((await guess({ type: 'phone', email: one, token })).status).toBe(400);
    expect((await guess({ type: 'signup', email: one, token })).status).toBe(200);
  });

  test('a sign-up is good for a day, a recovery for an hour', async () => {
    const own = await createTestApp({ config: { signups: 'open' } });
    const email = newAddress();
    await send(own, null, 'POST', '/auth/v1/signup', { email, password });
    const confirmation = linkIn(lastMail(own, email));
    await send(own, null, 'POST', '/auth/v1/recover', { email });
    const recovery = linkIn(lastMail(own, email));
    own.clock.advance(hour);
    expect((await follow(own, recovery)).fragment.error_code).toBe('otp_expired');
    own.clock.advance(23 * hour - 1);
    expect((await follow(own, confirmation)).fragment.access_token).toBeDefined();
  });

  test('a link of nobody, of another kind or without a token is an error in the address, never a page of ours', async () => {
    const { email } = await createPerson(t);
    await send(t, null, 'POST', '/auth/v1/recover', { email });
    const link = linkIn(lastMail(t, email));
    for (const [name, value] of [
      ['type', 'signup'],
      ['type', 'email_change'],
      ['type', 'nonsense'],
      ['token', 'nobody-was-sent-this'],
      ['token', ''],
    ] as const) {
      const tampered = new URL(link);
      tampered.searchParams.set(name, value);
      const { status, fragment } = await follow(t, tampered);
      expect([status, fragment.error_code]).toEqual([303, 'otp_expired']);
    }
    expect((await follow(t, link)).fragment.access_token).toBeDefined();
  });

  test('a disabled account is let in by no mail', async () => {
    const { email, accountId } = await createPerson(t);
    await send(t, null, 'POST', '/auth/v1/recover', { email });
    const mail = lastMail(t, email);
    await t.client.execute({ sql: 'update accounts set disabled_at = 1 where id = ?', args: [accountId] });
    expect((await follow(t, linkIn(mail))).fragment.error_code).toBe('otp_expired');
    const body = { type: 'recovery', email, token: codeIn(mail) };
    expect((await send(t, null, 'POST', '/auth/v1/verify', body)).status).toBe(403);
  });

  test('what was asked, confirmed and changed is in the audit', async () => {
    const email = newAddress();
    await signUp(email);
    await follow(t, linkIn(lastMail(t, email)));
    const { rows } = await t.client.execute({
      sql: `select action from audit_entries where target = (select id from accounts where email = ?) order by id`,
      args: [email],
    });
    expect(rows.map(({ action }) => action)).toEqual(['account.sign-up', 'account.sign-in', 'account.confirm']);
  });

  test('nothing that was kept or logged lets anybody in', async () => {
    const email = newAddress();
    await signUp(email);
    const mail = lastMail(t, email);
    const { rows } = await t.client.execute({ sql: 'select * from one_time_tokens where email = ?', args: [email] });
    const token = linkIn(mail).searchParams.get('token') ?? 'none';
    for (const kept of [JSON.stringify(rows), JSON.stringify(t.logged)]) {
      expect(kept).not.toContain(token);
      expect(kept).not.toContain(codeIn(mail));
    }
  });

  test('what a stranger chose is text in a mail, never markup', async () => {
    const email = `"<b>&'"@example.com`;
    expect((await signUp(email)).status).toBe(400);
    const person = await createPerson(t);
    await send(t, person, 'PUT', '/auth/v1/user', { email: `o'neil@${randomUUID()}.example` });
    expect(lastMail(t, person.email).html).toContain('o&#39;neil@');
  });

  test('Studio changes the address by its own route', async () => {
    const person = await createPerson(t);
    const newEmail = newAddress();
    const redirectTo = 'http://studio.test/account/me';
    const body = { newEmail, hcaptchaToken: null, redirectTo };
    expect((await send(t, person, 'PUT', '/platform/update-email', body)).status).toBe(200);
    const { location, fragment } = await follow(t, linkIn(lastMail(t, newEmail)));
    expect(`${location.origin}${location.pathname}`).toBe(redirectTo);
    expect(fragment.type).toBe('email_change');
    const profile = await send(t, person, 'GET', '/platform/profile');
    expect(profile.body).toMatchObject({ primary_email: newEmail, username: newEmail });
  });

  test("the link of Studio's change of address leads to the page that asks for a second factor, or goes on", async () => {
    const own = await createTestApp({ config: { studioUrl: 'http://studio.test' } });
    const person = await createPerson(own);
    const newEmail = newAddress();
    await send(own, person, 'PUT', '/platform/update-email', { newEmail, hcaptchaToken: null });
    const { location } = await follow(own, linkIn(lastMail(own, newEmail)));
    expect(`${location.origin}${location.pathname}${location.search}`).toBe(
      'http://studio.test/sign-in-mfa?returnTo=%2Faccount%2Fme',
    );
  });

  test('a browser that followed too many links is told so on the page they lead to', async () => {
    const own = await createTestApp({
      config: {
        clientAddressHeader: 'x-address',
        limits: { ...limitsOfTests, 'code.address': { kind: 'rate', burst: 1, intervalMs: 60_000 } },
      },
    });
    const address = randomUUID();
    const link = `/auth/v1/verify?${new URLSearchParams({ token: 'x', type: 'signup', redirect_to: 'http://studio.test/sign-in' })}`;
    const open = (accept: string) => own.app.request(link, { headers: { accept, 'x-address': address } });
    expect((await open('text/html')).status).toBe(303);
    const refused = await open('text/html,*/*');
    expect(refused.status).toBe(303);
    expect(refused.headers.get('location')).toMatch(
      /^http:\/\/studio\.test\/sign-in#.*error_code=over_request_rate_limit/,
    );
    expect((await open('*/*')).status).toBe(429);
  });
});

describe('where signing up is closed', () => {
  let t: TestApp;

  beforeAll(async () => {
    t = await createTestApp();
  });

  test('everyone is refused, and told so beforehand', async () => {
    const body = { email: newAddress(), password };
    const refused = await send(t, null, 'POST', '/auth/v1/signup', body);
    expect([refused.status, refused.body]).toMatchObject([422, { error_code: 'signup_disabled' }]);
    expect((await send(t, null, 'POST', '/platform/signup', body)).status).toBe(422);
    expect((await send(t, null, 'GET', '/auth/v1/settings')).body).toMatchObject({
      disable_signup: true,
      mailer_autoconfirm: false,
    });
    expect(t.sent).toEqual([]);
  });

  test('who was invited to an organization still may, until the invitation is over', async () => {
    const owner = await createPerson(t);
    const { id } = await createOrganization(t, [{ person: owner, role: 'Owner' }]);
    const email = newAddress();
    await t.client.execute({
      sql: `insert into invitations (organization_id, email, role, token_hash, invited_by, created_at, expires_at)
            values (?, ?, 'Developer', ?, ?, ?, ?)`,
      args: [id, email, randomUUID(), owner.accountId, t.clock.now(), t.clock.now() + hour],
    });
    expect((await send(t, null, 'POST', '/auth/v1/signup', { email, password })).status).toBe(200);
    expect((await follow(t, linkIn(lastMail(t, email)))).fragment.access_token).toBeDefined();
    t.clock.advance(hour);
    expect((await send(t, null, 'POST', '/auth/v1/signup', { email, password })).status).toBe(422);
  });
});

describe('mail', () => {
  test('is shown to the operator in the log, with its link, where no mail server is configured', async () => {
    const t = await createTestApp({ mailer: null, config: { signups: 'open' } });
    const email = newAddress();
    expect((await send(t, null, 'POST', '/auth/v1/signup', { email, password })).status).toBe(200);
    const line = t.logged.find(({ message }) => message.startsWith('no mail server is configured'));
    expect(line).toMatchObject({ level: 'info', fields: { to: email } });
    const { fragment } = await follow(t, new URL(String(line?.fields?.link)));
    expect(fragment.type).toBe('signup');
  });

  test('that a mail server refuses is an error in the log, without what it said, and the answer stays', async () => {
    const mailer = {
      send: async () => {
        throw new Error('550 not here');
      },
    };
    const t = await createTestApp({ mailer, config: { signups: 'open' } });
    const email = newAddress();
    const answer = await send(t, null, 'POST', '/auth/v1/signup', { email, password });
    expect(answer.status).toBe(200);
    const lines = t.logged.filter(({ level }) => level === 'error');
    expect(lines).toMatchObject([{ message: 'a mail was not sent', fields: { to: email, reason: '550 not here' } }]);
    expect(JSON.stringify(lines)).not.toContain('/verify');
  });

  test('goes out behind the answer where the runtime lets it', async () => {
    let taken = () => {};
    const mailer = { send: () => new Promise<void>((resolve) => (taken = resolve)) };
    const t = await createTestApp({ mailer, config: { signups: 'open' } });
    const work: Promise<unknown>[] = [];
    const response = await t.app.request(
      '/auth/v1/recover',
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: (await createPerson(t)).email }),
      },
      { background: (promise: Promise<unknown>) => void work.push(promise) },
    );
    expect(response.status).toBe(200);
    expect(work).toHaveLength(1);
    taken();
    await Promise.all(work);
  });
});
