import { randomUUID } from 'node:crypto';
import { GoTrueClient } from '@supabase/auth-js';
import { beforeAll, describe, expect, test } from 'vitest';
import { createTestApp, type TestApp, testPublicUrl } from '../../support/app.ts';
import { codeIn, follow, lastMail, linkIn } from '../../support/mails.ts';
import { createPerson } from '../../support/people.ts';

const password = 'correct horse battery';
const nextPassword = 'another horse battery';
const newAddress = () => `${randomUUID()}@example.com`;

/** A browser of its own: nothing is shared with other clients. */
function client(t: TestApp, flowType: 'implicit' | 'pkce' = 'implicit'): GoTrueClient {
  const kept = new Map<string, string>();
  return new GoTrueClient({
    url: `${testPublicUrl}/auth/v1`,
    autoRefreshToken: false,
    detectSessionInUrl: false,
    flowType,
    storage: {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    },
    fetch: (url, init) => Promise.resolve(t.app.request(String(url), init)),
  });
}

async function isLetIn(t: TestApp, token: string | undefined): Promise<number> {
  const response = await t.app.request('/platform/profile', { headers: { authorization: `Bearer ${token}` } });
  return response.status;
}

describe('with the official auth client somebody', () => {
  let t: TestApp;

  beforeAll(async () => {
    t = await createTestApp({ config: { signups: 'open' } });
  });

  async function signedUp(address = newAddress()) {
    const auth = client(t);
    const { data, error } = await auth.signUp({ email: address, password });
    expect(error).toBeNull();
    return { auth, address, data };
  }

  async function member() {
    const { auth, address } = await signedUp();
    await auth.verifyOtp({ type: 'email', email: address, token: codeIn(lastMail(t, address)) });
    return { auth, address };
  }

  test('signs up, is let in only once the mail is confirmed, and then is a user', async () => {
    const { auth, address, data } = await signedUp();
    expect(data.session).toBeNull();
    expect(data.user).toMatchObject({ email: address, role: 'authenticated', user_metadata: {} });
    expect(data.user?.email_confirmed_at).toBeUndefined();

    const early = await auth.signInWithPassword({ email: address, password });
    expect(early.error).toMatchObject({ status: 400, code: 'email_not_confirmed' });
    const wrong = await auth.signInWithPassword({ email: address, password: nextPassword });
    expect(wrong.error).toMatchObject({ status: 400, code: 'invalid_credentials' });

    const code = codeIn(lastMail(t, address));
    const verified = await auth.verifyOtp({ type: 'signup', email: address.toUpperCase(), token: code });
    expect(verified.error).toBeNull();
    expect(verified.data.user).toMatchObject({ email: address, identities: [{ provider: 'email' }] });
    expect(verified.data.user?.email_confirmed_at).toBeDefined();
    expect(await isLetIn(t, verified.data.session?.access_token)).toBe(200);
    expect((await auth.signInWithPassword({ email: address, password })).error).toBeNull();
    const claims = await auth.getClaims(verified.data.session?.access_token);
    expect(claims.data?.claims.amr).toMatchObject([{ method: 'otp' }]);
  });

  test('confirms by the link, which works once', async () => {
    const { address } = await signedUp();
    const link = linkIn(lastMail(t, address));
    expect(`${link.origin}${link.pathname}`).toBe(`${testPublicUrl}/auth/v1/verify`);

    // programs that look at links in mails do not use them up
    expect((await follow(t, link, 'HEAD')).fragment).toEqual({});
    const { status, fragment } = await follow(t, link);
    expect(status).toBe(303);
    expect(fragment).toMatchObject({ token_type: 'bearer', type: 'signup', expires_in: '3600' });
    expect(await isLetIn(t, fragment.access_token)).toBe(200);
    const { data } = await client(t).refreshSession({ refresh_token: fragment.refresh_token ?? '' });
    expect(data.user?.email).toBe(address);

    expect((await follow(t, link)).fragment).toEqual({
      error: 'access_denied',
      error_code: 'otp_expired',
      error_description: 'Email link is invalid or has expired',
    });
    const again = await client(t).verifyOtp({ type: 'signup', token_hash: link.searchParams.get('token') ?? '' });
    expect(again.error).toMatchObject({ status: 403, code: 'otp_expired' });
  });

  test('is one of many who follow one link at once', async () => {
    const { address } = await signedUp();
    const link = linkIn(lastMail(t, address));
    const answers = await Promise.all(Array.from({ length: 8 }, () => follow(t, link)));
    expect(answers.filter(({ fragment }) => fragment.access_token !== undefined)).toHaveLength(1);
    expect(answers.filter(({ fragment }) => fragment.error_code === 'otp_expired')).toHaveLength(7);
  });

  test('verifies by the hash in a link of their own making', async () => {
    const { auth, address } = await signedUp();
    const token_hash = linkIn(lastMail(t, address)).searchParams.get('token') ?? '';
    const { data, error } = await auth.verifyOtp({ type: 'email', token_hash });
    expect(error).toBeNull();
    expect(data.user?.email).toBe(address);
  });

  test('gets another mail, and only the latest is good', async () => {
    const { auth, address } = await signedUp();
    const first = lastMail(t, address);
    expect((await auth.resend({ type: 'signup', email: address })).error).toBeNull();
    const second = lastMail(t, address);
    expect(linkIn(second).href).not.toBe(linkIn(first).href);
    expect((await follow(t, linkIn(first))).fragment.error_code).toBe('otp_expired');
    expect((await follow(t, linkIn(second))).fragment.access_token).toBeDefined();
  });

  test('who forgot the password gets in by mail, chooses another, and every other session is over at once', async () => {
    const { auth, address } = await member();
    const other = (await auth.getSession()).data.session;
    const recovering = client(t);
    const redirectTo = 'http://studio.test/reset-password';
    expect((await recovering.resetPasswordForEmail(address, { redirectTo })).error).toBeNull();
    const mail = lastMail(t, address);
    expect(linkIn(mail).searchParams.get('redirect_to')).toBe(redirectTo);

    const verified = await recovering.verifyOtp({ type: 'recovery', email: address, token: codeIn(mail) });
    expect(verified.error).toBeNull();
    // another one is on its way when the password is changed
    await recovering.resetPasswordForEmail(address);
    const stale = linkIn(lastMail(t, address));

    const same = await recovering.updateUser({ password });
    expect(same.error).toMatchObject({ status: 422, code: 'same_password' });
    const updated = await recovering.updateUser({ password: nextPassword });
    expect(updated.error).toBeNull();
    expect(updated.data.user?.email).toBe(address);
    expect(lastMail(t, address).subject).toBe('Your password was changed');

    expect(await isLetIn(t, other?.access_token)).toBe(401);
    expect((await client(t).refreshSession({ refresh_token: other?.refresh_token ?? '' })).error?.status).toBe(400);
    expect((await recovering.getUser()).error).toBeNull();
    expect((await follow(t, stale)).fragment.error_code).toBe('otp_expired');
    expect((await auth.signInWithPassword({ email: address, password })).error?.code).toBe('invalid_credentials');
    expect((await auth.signInWithPassword({ email: address, password: nextPassword })).error).toBeNull();
  });

  test('is sent back to Studio by the link', async () => {
    const { address } = await member();
    const sent = async (redirectTo: string) => {
      await client(t).resetPasswordForEmail(address, { redirectTo });
      return follow(t, linkIn(lastMail(t, address)));
    };
    const back = await sent('http://studio.test/reset-password?a=1#planted');
    expect(`${back.location.origin}${back.location.pathname}${back.location.search}`).toBe(
      'http://studio.test/reset-password?a=1',
    );
    expect(back.fragment).toMatchObject({ type: 'recovery', token_type: 'bearer' });
    // a session never goes to a stranger's page, whoever wrote the link
    expect((await sent('https://evil.test/')).location.origin).toBe(testPublicUrl);
    await client(t).resetPasswordForEmail(address);
    const link = linkIn(lastMail(t, address));
    link.searchParams.set('redirect_to', 'http://studio.test@evil.test/');
    expect((await follow(t, link)).location.origin).toBe(testPublicUrl);
  });

  test('with PKCE gets a code instead of a session in the address', async () => {
    const { address } = await member();
    const auth = client(t, 'pkce');
    await auth.resetPasswordForEmail(address, { redirectTo: 'http://studio.test/reset-password' });
    const { location } = await follow(t, linkIn(lastMail(t, address)));
    expect(location.hash).toBe('');
    const code = location.searchParams.get('code') ?? '';
    // whoever only saw the address has no verifier
    expect((await client(t, 'pkce').exchangeCodeForSession(code)).error).not.toBeNull();
    const { data, error } = await auth.exchangeCodeForSession(code);
    expect(error).toBeNull();
    expect(data.user?.email).toBe(address);
    expect((await auth.updateUser({ password: nextPassword })).error).toBeNull();
  });

  test('changes the address once the new one confirms it, and the old one is told', async () => {
    const { auth, address } = await member();
    const next = newAddress();
    const { data, error } = await auth.updateUser({ email: next });
    expect(error).toBeNull();
    expect(data.user).toMatchObject({ email: address, new_email: next });
    expect(lastMail(t, address).text).toContain(next);
    const { data: meanwhile } = await auth.refreshSession();
    expect(meanwhile.user).toMatchObject({ email: address, new_email: next });
    expect(Date.parse(meanwhile.user?.email_change_sent_at ?? '')).toBeGreaterThan(0);

    const first = linkIn(lastMail(t, next));
    expect((await auth.resend({ type: 'email_change', email: address })).error).toBeNull();
    expect((await follow(t, first)).fragment.error_code).toBe('otp_expired');
    const { fragment } = await follow(t, linkIn(lastMail(t, next)));
    expect(fragment.type).toBe('email_change');
    expect(lastMail(t, address).subject).toBe('Your address was changed');
    const changed = (await auth.getUser()).data.user;
    expect([changed?.email, changed?.new_email]).toEqual([next, undefined]);
    expect((await auth.signInWithPassword({ email: next, password })).error).toBeNull();
    expect((await auth.signInWithPassword({ email: address, password })).error?.code).toBe('invalid_credentials');
  });

  test('changes the address by the code as well', async () => {
    const { auth } = await member();
    const next = newAddress();
    await auth.updateUser({ email: next });
    const token = codeIn(lastMail(t, next));
    const { data, error } = await auth.verifyOtp({ type: 'email_change', email: next, token });
    expect(error).toBeNull();
    expect(data.user?.email).toBe(next);
  });

  test('who wants an address that is taken learns nothing, and nobody is asked', async () => {
    const { auth, address } = await member();
    const taken = (await member()).address;
    const before = t.sent.filter(({ to }) => to === taken).length;
    const [onTaken, onFree] = [
      await auth.updateUser({ email: taken }),
      await client(t).getUser(), // nobody
    ];
    expect(onTaken.error).toBeNull();
    expect(onTaken.data.user).toMatchObject({ email: address, new_email: taken });
    expect(onFree.error).not.toBeNull();
    expect((await auth.getUser()).data.user).toMatchObject({ email: address, new_email: taken });
    expect((await auth.resend({ type: 'email_change', email: address })).error).toBeNull();
    expect(t.sent.filter(({ to }) => to === taken)).toHaveLength(before);
  });

  test('who took the address meanwhile keeps it', async () => {
    const { auth, address } = await member();
    const wanted = newAddress();
    await auth.updateUser({ email: wanted });
    const link = linkIn(lastMail(t, wanted));
    await client(t).signUp({ email: wanted, password });
    expect((await follow(t, link)).fragment.error_code).toBe('otp_expired');
    expect((await auth.getUser()).data.user?.email).toBe(address);
  });

  test('cannot be let in by a mail to an address that is theirs no more', async () => {
    const { auth, address } = await member();
    await client(t).resetPasswordForEmail(address);
    const old = linkIn(lastMail(t, address));
    const next = newAddress();
    await auth.updateUser({ email: next });
    await follow(t, linkIn(lastMail(t, next)));
    expect((await follow(t, old)).fragment.error_code).toBe('otp_expired');
  });

  test('has a password of any script and length up to 1024 bytes, whole', async () => {
    const { auth, address } = await member();
    const long = `${'x'.repeat(72)}a`;
    expect((await auth.updateUser({ password: long })).error).toBeNull();
    const twin = await auth.signInWithPassword({ email: address, password: `${'x'.repeat(72)}b` });
    expect(twin.error?.code).toBe('invalid_credentials');
    expect((await auth.signInWithPassword({ email: address, password: long })).error).toBeNull();

    const composed = 'caf\u00e9 caf\u00e9 \ufb01';
    expect((await auth.updateUser({ password: composed })).error).toBeNull();
    const typed = 'cafe\u0301 cafe\u0301 fi';
    expect((await auth.signInWithPassword({ email: address, password: typed })).error).toBeNull();
    expect((await auth.updateUser({ password: typed })).error?.code).toBe('same_password');
    expect((await auth.updateUser({ password: 'short' })).error).toMatchObject({ status: 400 });
    expect((await auth.updateUser({ password: 'x'.repeat(1025) })).error).toMatchObject({ status: 400 });
  });

  test('who is asked for the current password has to know it', async () => {
    const { auth } = await member();
    const change = (current: string) => auth.updateUser({ password: nextPassword, current_password: current });
    expect((await change('wrong horse battery')).error?.code).toBe('invalid_credentials');
    expect((await change(password)).error).toBeNull();
  });

  test('who has a second factor shows it before password or address change', async () => {
    const { auth, address } = await member();
    const now = t.clock.now();
    await t.client.execute({
      sql: `insert into mfa_factors (id, account_id, friendly_name, status, secret, created_at, updated_at)
            select ?, id, '', 'verified', 'sealed', ?, ? from accounts where email = ?`,
      args: [randomUUID(), now, now, address],
    });
    const refused = { status: 403, code: 'insufficient_aal' };
    expect((await auth.updateUser({ password: nextPassword })).error).toMatchObject(refused);
    expect((await auth.updateUser({ email: newAddress() })).error).toMatchObject(refused);
    await t.client.execute({
      sql: "update sessions set aal = 'aal2' where account_id = (select id from accounts where email = ?)",
      args: [address],
    });
    expect((await auth.updateUser({ password: nextPassword })).error).toBeNull();
  });

  test('keeps metadata from the sign-up on, in the user and in the token', async () => {
    const [auth, address] = [client(t), newAddress()];
    const options = { data: { theme: 'dark', seat: { row: 1, number: 2 }, is_operator: true, role: 'service_role' } };
    const { data } = await auth.signUp({ email: address, password, options });
    expect(data.user?.user_metadata).toEqual(options.data);
    const signedIn = await auth.verifyOtp({ type: 'email', email: address, token: codeIn(lastMail(t, address)) });
    expect(signedIn.data.user).toMatchObject({ user_metadata: options.data, role: 'authenticated' });
    expect((await auth.getClaims()).data?.claims).toMatchObject({
      user_metadata: options.data,
      role: 'authenticated',
      app_metadata: { provider: 'email' },
    });
    // names are replaced one by one, whole; null takes one away
    const changed = await auth.updateUser({ data: { theme: null, seat: { row: 3 }, locale: 'de' } });
    const kept = { seat: { row: 3 }, is_operator: true, role: 'service_role', locale: 'de' };
    expect(changed.data.user?.user_metadata).toEqual(kept);
    expect((await auth.getUser()).data.user?.user_metadata).toEqual(kept);
    expect((await auth.refreshSession()).data.session?.user.user_metadata).toEqual(kept);
    expect((await auth.getClaims()).data?.claims.user_metadata).toEqual(kept);
    const audited = await t.client.execute({
      sql: "select details from audit_entries where action = 'account.metadata-change' and target = ?",
      args: [changed.data.user?.id ?? ''],
    });
    expect(audited.rows.map((row) => row.details)).toEqual(['{}']);
  });

  test('gets no more metadata in than headers carry, and what does not fit changes nothing', async () => {
    const refused = { status: 400, code: 'validation_failed' };
    const data = { text: 'ä'.repeat(2048) };
    expect((await client(t).signUp({ email: newAddress(), password, options: { data } })).error).toMatchObject(refused);
    const { auth } = await member();
    expect((await auth.updateUser({ data: { half: 'x'.repeat(2100) } })).error).toBeNull();
    const tooMuch = await auth.updateUser({ data: { other: 'x'.repeat(2100) }, password: nextPassword });
    expect(tooMuch.error).toMatchObject(refused);
    expect(Object.keys((await auth.getUser()).data.user?.user_metadata ?? {})).toEqual(['half']);
    expect((await auth.updateUser({ password })).error).toMatchObject({ code: 'same_password' });
  });

  test('gets neither password nor metadata of a stranger who signed up with their address first', async () => {
    const [address, owner] = [newAddress(), client(t)];
    await client(t).signUp({ email: address, password, options: { data: { name: 'stranger' } } });
    await owner.resetPasswordForEmail(address);
    const code = codeIn(lastMail(t, address));
    const { data } = await owner.verifyOtp({ type: 'recovery', email: address, token: code });
    expect(data.user?.user_metadata).toEqual({});
    expect((await owner.getUser()).data.user?.user_metadata).toEqual({});
  });

  test('cannot do any of it with a personal access token', async () => {
    const person = await createPerson(t);
    const { headers } = person;
    const made = await t.app.request('/trpc/tokens.create', {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'program' }),
    });
    const token = JSON.stringify(await made.json()).match(/sbp_[0-9a-f]{40}/)?.[0];
    const ask = async (method: string, path: string, body: unknown) => {
      const response = await t.app.request(path, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return response.status;
    };
    expect(await ask('PUT', '/auth/v1/user', { password: nextPassword })).toBe(403);
    expect(await ask('PUT', '/auth/v1/user', {})).toBe(403);
    expect(await ask('PUT', '/platform/update-email', { newEmail: newAddress() })).toBe(403);
    expect(await ask('PATCH', '/platform/profile', { first_name: 'Kim' })).toBe(403);
  });
});
