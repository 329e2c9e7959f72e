import { beforeAll, describe, expect, test } from 'vitest';
import { createAccount } from '../../../worker/accounts/create-account.ts';
import { disableAccount } from '../../../worker/accounts/disable-account.ts';
import { listAccounts } from '../../../worker/accounts/list-accounts.ts';
import type { Ctx } from '../../../worker/deps.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { createPerson, type Person } from '../../support/people.ts';

const request = { id: 'test', address: null, userAgent: null };

describe('accounts', () => {
  let t: TestApp;
  let operator: Person;
  let person: Person;

  beforeAll(async () => {
    t = await createTestApp();
    operator = await createPerson(t, { isOperator: true });
    person = await createPerson(t);
  });

  const ctx = (who: Person): Ctx => ({ deps: t.deps, credential: { kind: 'session', id: who.sessionId }, request });
  const fresh = () => ({ email: `${crypto.randomUUID()}@example.com`, password: 'correct horse battery' });
  const signIn = async (email: string, password: string) =>
    (
      await t.app.request('/auth/v1/token?grant_type=password', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, password }),
      })
    ).status;

  test('are made by operators, in two round trips, and can sign in', async () => {
    const input = fresh();
    t.roundTrips.reset();
    const account = await createAccount(ctx(operator), { ...input, email: input.email.toUpperCase() });
    expect(t.roundTrips.count).toBe(2);
    expect(account).toMatchObject({ email: input.email, isOperator: false, username: input.email });
    expect(JSON.stringify(account)).not.toContain('plain$');
    expect(await signIn(input.email, input.password)).toBe(200);
  });

  test('are made, listed and disabled by nobody else', async () => {
    const mine = ctx(person);
    for (const attempt of [
      () => createAccount(mine, fresh()),
      () => listAccounts(mine, {}),
      () => disableAccount(mine, { id: operator.accountId }),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'forbidden' });
    }
  });

  test('have an email of their own, also when made at once', async () => {
    const input = fresh();
    const made = await Promise.allSettled([1, 2, 3, 4].map(() => createAccount(ctx(operator), input)));
    expect(made.filter(({ status }) => status === 'fulfilled').length).toBe(1);
    for (const result of made) if (result.status === 'rejected') expect(result.reason.code).toBe('conflict');
  });

  test.each([
    ['email', { email: 'not an address' }],
    ['password', { password: 'short' }],
    ['password', { password: 'x'.repeat(1025) }],
    ['password', { password: 'lone \ud800 surrogate' }],
  ])('are refused for a bad %s', async (field, change) => {
    await expect(createAccount(ctx(operator), { ...fresh(), ...change })).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(field),
    });
  });

  test('that are disabled are out at once, in every way', async () => {
    const victim = await createPerson(t);
    await expect(disableAccount(ctx(operator), { id: operator.accountId })).rejects.toMatchObject({
      code: 'wrong_state',
    });
    await disableAccount(ctx(operator), { id: victim.accountId });
    expect((await t.app.request('/platform/profile', { headers: victim.headers })).status).toBe(401);
    expect(await signIn(victim.email, 'correct horse battery')).toBe(400);
    await expect(disableAccount(ctx(operator), { id: victim.accountId })).rejects.toMatchObject({
      code: 'wrong_state',
    });
  });

  test('are listed page by page without a gap', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => createAccount(ctx(operator), fresh())));
    const seen: number[] = [];
    let next: number | null = 0;
    while (next !== null) {
      const page: Awaited<ReturnType<typeof listAccounts>> = await listAccounts(ctx(operator), {
        after: next,
        limit: 3,
      });
      seen.push(...page.accounts.map(({ number }) => number));
      next = page.next;
    }
    expect(seen).toEqual([...new Set(seen)].sort((left, right) => left - right));
    // other suites make accounts at the same time; these five are there, each once
    expect(seen.filter((number) => made.some((account) => account.number === number)).length).toBe(5);
  });
});
