import { beforeAll, describe, expect, test } from 'vitest';
import type { Hasher } from '../../../worker/deps.ts';
import { AppError } from '../../../worker/errors.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { createPerson, type Person } from '../../support/people.ts';

describe('signing in by password', () => {
  const verified: { password: string; hash: string | null }[] = [];
  const hasher: Hasher = {
    hash: async (password) => `plain$${password}`,
    verify: async (password, hash) => {
      verified.push({ password, hash });
      return hash === `plain$${password}`;
    },
  };
  let t: TestApp;
  let person: Person;
  let disabled: Person;

  beforeAll(async () => {
    t = await createTestApp({ hasher });
    [person, disabled] = await Promise.all([createPerson(t), createPerson(t)]);
    await t.client.execute({ sql: 'update accounts set disabled_at = 1 where id = ?', args: [disabled.accountId] });
  });

  const signIn = (email: string, password: string, app = t) =>
    app.app.request('/auth/v1/token?grant_type=password', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'test' },
      body: JSON.stringify({ email, password }),
    });

  test('takes two round trips and leaves one audit row', async () => {
    t.roundTrips.reset();
    expect((await signIn(` ${person.email} `, 'correct horse battery')).status).toBe(200);
    expect(t.roundTrips.count).toBe(2);
    const { rows } = await t.client.execute({
      sql: `select action from audit_entries where target = ? and actor_id = target`,
      args: [person.accountId],
    });
    expect(rows.map((row) => row.action)).toEqual(['account.sign-in']);
  });

  test('says and does the same whether the account is unknown, disabled or the password wrong', async () => {
    verified.length = 0;
    const answers = [
      await signIn('nobody@example.com', 'correct horse battery'),
      await signIn(disabled.email, 'correct horse battery'),
      await signIn(person.email, 'wrong horse battery'),
      await signIn(person.email, 'short'),
      await signIn(person.email, 'long'.repeat(1000)),
    ];
    const bodies = await Promise.all(answers.map((answer) => answer.text()));
    expect(answers.map((answer) => answer.status)).toEqual([400, 400, 400, 400, 400]);
    expect(new Set(bodies).size).toBe(1);
    // one verification each: as much work as for a real account
    expect(verified.length).toBe(5);
    expect(verified.filter(({ hash }) => hash === null).length).toBe(4);
  });

  test('takes one password in two Unicode spellings for the same', async () => {
    const email = `${crypto.randomUUID()}@example.com`;
    await t.client.execute({
      sql: `insert into accounts (id, number, email, password_hash, username, created_at, email_confirmed_at)
            select ?, max(number) + 1, ?, ?, ?, 1, 1 from accounts`,
      args: [crypto.randomUUID(), email, `plain$${'Ångström-ﬁle'.normalize('NFKC')}`, email],
    });
    for (const spelling of ['Ångström-ﬁle', 'Ångström-ﬁle'.normalize('NFD'), 'Ångström-file']) {
      expect((await signIn(email, spelling)).status).toBe(200);
    }
  });

  test('is refused when the account was disabled while the password was checked', async () => {
    const victim = await createPerson(t);
    const slow = await createTestApp({
      hasher: {
        ...hasher,
        verify: async (password, hash) => {
          await t.client.execute({ sql: 'update accounts set disabled_at = 1 where id = ?', args: [victim.accountId] });
          return hasher.verify(password, hash);
        },
      },
    });
    expect((await signIn(victim.email, 'correct horse battery', slow)).status).toBe(400);
    const { rows } = await t.client.execute({
      sql: 'select id from sessions where account_id = ? and id <> ?',
      args: [victim.accountId, victim.sessionId],
    });
    expect(rows).toEqual([]);
  });

  test('asks to come back when too many are signing in', async () => {
    const full = await createTestApp({
      hasher: {
        ...hasher,
        verify: () => Promise.reject(new AppError('overloaded', 'busy', { retryAfterSeconds: 7 })),
      },
    });
    const response = await signIn(person.email, 'correct horse battery', full);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '7']);
  });

  test('never logs a password', async () => {
    const broken = await createTestApp({ hasher: { ...hasher, verify: () => Promise.reject(new Error('broken')) } });
    expect((await signIn(person.email, 'a very secret phrase', broken)).status).toBe(500);
    expect(JSON.stringify(broken.logged)).not.toContain('a very secret phrase');
  });
});
