import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { lastMail } from '../../support/mails.ts';
import { createPerson, type Person } from '../../support/people.ts';
import { send } from '../../support/requests.ts';

describe('a profile', () => {
  let t: TestApp;
  let person: Person;

  beforeAll(async () => {
    t = await createTestApp();
    person = await createPerson(t);
  });

  const change = (body: unknown) => send(t, person, 'PATCH', '/platform/profile', body);

  test('is changed in two round trips, and shown as it is now', async () => {
    t.roundTrips.reset();
    const answer = await change({ first_name: ' Kim ', last_name: 'Doe' });
    expect(t.roundTrips.count).toBe(2);
    expect([answer.status, answer.body]).toMatchObject([200, { first_name: 'Kim', last_name: 'Doe' }]);
    const read = await send(t, person, 'GET', '/platform/profile');
    expect(read.body).toEqual(answer.body);
    expect(read.body).toMatchObject({ disabled_features: expect.not.arrayContaining(['profile:update']) });
  });

  test('keeps what is not named, and cannot be given what is not asked for', async () => {
    const before = (await change({ first_name: 'Kim' })).body;
    expect((await change({})).body).toEqual(before);
    const more = { is_operator: true, id: 1, gotrue_id: randomUUID(), disabled_features: [] };
    expect((await change(more)).body).toEqual(before);
  });

  test('has a user name of its own, and never an address of somebody else', async () => {
    const other = await createPerson(t);
    const username = `kim-${randomUUID()}`;
    expect((await send(t, other, 'PATCH', '/platform/profile', { username })).status).toBe(200);
    expect((await change({ username })).status).toBe(409);
    expect((await change({ username: other.email })).status).toBe(400);
    expect((await change({ username: 'a@b.example' })).status).toBe(400);
    expect((await change({ username: ' ' })).status).toBe(400);
    expect((await change({ first_name: 'a\nb' })).status).toBe(400);
    expect((await change({ first_name: 'a\u202eb' })).status).toBe(400);
    expect((await change({ username: person.email.toUpperCase() })).status).toBe(200);
  });

  test('has the address of the account, or one that an identity provider vouches for', async () => {
    const vouched = `${randomUUID()}@example.com`;
    const claimed = `${randomUUID()}@example.com`;
    for (const [email, verified] of [
      [vouched, true],
      [claimed, false],
    ] as const) {
      await t.client.execute({
        sql: `insert into identities (id, account_id, provider, subject, email, data, created_at, last_sign_in_at)
              values (?, ?, 'github', ?, ?, ?, 1, 1)`,
        args: [randomUUID(), person.accountId, randomUUID(), email, JSON.stringify({ email_verified: verified })],
      });
    }
    expect((await change({ primary_email: person.email })).status).toBe(200);
    expect((await change({ primary_email: 'a@b.example' })).status).toBe(400);
    expect((await change({ primary_email: claimed })).status).toBe(400);
    const changed = await change({ primary_email: vouched.toUpperCase() });
    expect([changed.status, changed.body]).toMatchObject([200, { primary_email: vouched }]);
    expect(lastMail(t, person.email).subject).toBe('Your address was changed');
  });
});
