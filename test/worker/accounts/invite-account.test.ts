import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { clientOf } from '../../support/client.ts';
import { follow, lastMail, linkIn } from '../../support/mails.ts';
import { createPerson, type Person } from '../../support/people.ts';
import { send } from '../../support/requests.ts';

const password = 'correct horse battery';
const newAddress = () => `${randomUUID()}@example.com`;

describe('an operator', () => {
  let t: TestApp;
  let operator: Person;

  beforeAll(async () => {
    t = await createTestApp({ config: { signups: 'open' } });
    operator = await createPerson(t, { isOperator: true });
  });

  const users = () => clientOf(t, operator.token).users;
  const signedIn = async (link: URL) => {
    const { fragment } = await follow(t, link);
    return { headers: { authorization: `Bearer ${fragment.access_token}` }, fragment };
  };
  const setPassword = async (headers: { authorization: string }, next: string) => {
    const response = await t.app.request('/auth/v1/user', {
      method: 'PUT',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ password: next }),
    });
    return response.status;
  };

  test('invites somebody, who is let in by the mail alone and chooses a password', async () => {
    const email = newAddress();
    const invited = await users().invite.mutate({ email: email.toUpperCase(), isOperator: true });
    expect(invited).toMatchObject({
      mail: 'sent',
      link: null,
      user: { email, isOperator: true, emailConfirmedAt: null },
    });
    const { headers, fragment } = await signedIn(linkIn(lastMail(t, email)));
    expect(fragment.type).toBe('invite');
    expect(await setPassword(headers, password)).toBe(200);
    const answer = await send(t, null, 'POST', '/auth/v1/token?grant_type=password', { email, password });
    expect(answer.status).toBe(200);
    await expect(users().invite.mutate({ email })).rejects.toMatchObject({ code: 'conflict' });
  });

  test('leads who is invited, or reset, to the page of Studio where a password is chosen', async () => {
    const studio = await createTestApp({ config: { studioUrl: 'http://studio.test' } });
    const by = clientOf(studio, (await createPerson(studio, { isOperator: true })).token).users;
    const email = newAddress();
    await by.invite.mutate({ email });
    const person = await createPerson(studio);
    await by.reset.mutate({ idOrEmail: person.email });
    for (const to of [email, person.email]) {
      const link = linkIn(lastMail(studio, to));
      expect(link.searchParams.get('redirect_to')).toBe('http://studio.test/reset-password');
    }
  });

  test('invites again, and only the latest mail is good', async () => {
    const email = newAddress();
    const first = await users().invite.mutate({ email });
    const old = linkIn(lastMail(t, email));
    const second = await users().invite.mutate({ email });
    expect(second.user.id).toBe(first.user.id);
    expect((await follow(t, old)).fragment.error_code).toBe('otp_expired');
    expect((await follow(t, linkIn(lastMail(t, email)))).fragment.type).toBe('invite');
  });

  test('invites nobody who signed up with the address in between, or before, into the account', async () => {
    const email = newAddress();
    const signUp = () => send(t, null, 'POST', '/auth/v1/signup', { email, password });
    const signIn = () => send(t, null, 'POST', '/auth/v1/token?grant_type=password', { email, password });
    await signUp();
    await users().invite.mutate({ email, isOperator: true });
    const link = linkIn(lastMail(t, email));
    await signUp();
    await signedIn(link);
    expect((await signIn()).body).toMatchObject({ error_code: 'invalid_credentials' });
  });

  test('mails the way to a new password, by id or address, and ends no session', async () => {
    const person = await createPerson(t);
    expect(await users().reset.mutate({ idOrEmail: person.accountId })).toMatchObject({ mail: 'sent', link: null });
    const old = linkIn(lastMail(t, person.email));
    await users().reset.mutate({ idOrEmail: person.email.toUpperCase() });
    expect((await follow(t, old)).fragment.error_code).toBe('otp_expired');
    expect((await send(t, person, 'GET', '/platform/profile')).status).toBe(200);
    const { headers } = await signedIn(linkIn(lastMail(t, person.email)));
    expect(await setPassword(headers, 'another horse battery')).toBe(200);
    expect((await send(t, person, 'GET', '/platform/profile')).status).toBe(401);
  });

  test('enables whom they disabled', async () => {
    const person = await createPerson(t);
    await users().disable.mutate({ id: person.accountId });
    await expect(users().reset.mutate({ idOrEmail: person.email })).rejects.toMatchObject({ code: 'wrong_state' });
    expect(await users().enable.mutate({ id: person.accountId })).toMatchObject({ disabledAt: null });
    await expect(users().enable.mutate({ id: person.accountId })).rejects.toMatchObject({ code: 'wrong_state' });
    const body = { email: person.email, password };
    expect((await send(t, null, 'POST', '/auth/v1/token?grant_type=password', body)).status).toBe(200);
  });

  test('is in the audit with each of these', async () => {
    const email = newAddress();
    const { user } = await users().invite.mutate({ email });
    await users().reset.mutate({ idOrEmail: user.id });
    const { rows } = await t.client.execute({
      sql: 'select action, actor_id from audit_entries where target = ? order by id',
      args: [user.id],
    });
    expect(rows).toMatchObject([
      { action: 'account.invite', actor_id: operator.accountId },
      { action: 'account.reset', actor_id: operator.accountId },
    ]);
  });

  test.each([
    { mail: 'not-configured', mailer: null },
    { mail: 'failed', mailer: { send: () => Promise.reject(new Error('421 later')) } },
  ])('gets the link to pass on when the mail is $mail', async ({ mail, mailer }) => {
    const own = await createTestApp({ mailer });
    const someone = await createPerson(own, { isOperator: true });
    const invited = await clientOf(own, someone.token).users.invite.mutate({ email: newAddress() });
    expect(invited.mail).toBe(mail);
    expect((await follow(own, new URL(invited.link ?? 'no:link'))).fragment.type).toBe('invite');
  });
});
