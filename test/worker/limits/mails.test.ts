import { beforeAll, describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { createPerson, letters, type Person } from '../../support/people.ts';
import { type Answer, send } from '../../support/requests.ts';

describe('what sends mail, or takes what was mailed', () => {
  let t: TestApp;
  let person: Person;
  beforeAll(async () => {
    t = await createTestApp({ config: { signups: 'open' } });
    person = await createPerson(t);
  });

  const newEmail = () => `${letters(12)}@example.com`;
  const told = ({ status, headers }: Answer) => ({
    status,
    limit: headers.get('x-ratelimit-limit'),
    remaining: headers.get('x-ratelimit-remaining'),
    retryAfter: headers.get('retry-after'),
  });
  const four = async (path: string, body: object, as: Person | null = null) => {
    const answers = [];
    for (let times = 0; times < 4; times += 1) answers.push(told(await send(t, as, 'POST', path, body)));
    return answers;
  };

  test.each([
    ['/auth/v1/recover', (email: string) => ({ email })],
    ['/platform/reset-password', (email: string) => ({ email })],
    ['/auth/v1/signup', (email: string) => ({ email, password: 'correct horse battery' })],
    ['/auth/v1/resend', (email: string) => ({ type: 'signup', email })],
  ])('%s: three at once to one address of mail, known or not, and says so', async (path, body) => {
    const [known, unknown] = [
      await four(path, body((await createPerson(t)).email)),
      await four(path, body(newEmail())),
    ];
    expect(known).toEqual(unknown);
    expect(known.map(({ status }) => status < 300)).toEqual([true, true, true, false]);
    expect(known.map(({ remaining }) => remaining)).toEqual(['2', '1', '0', '0']);
    expect(known[3]).toEqual({ status: 429, limit: '3', remaining: '0', retryAfter: '60' });
  });

  test('codes: guesses at one address of mail are delayed, whether something was mailed to it or not', async () => {
    const guesses = async (email: string) => {
      const answers = [];
      for (let times = 0; times < 31; times += 1) {
        const body = { type: 'recovery', email, token: '000000' };
        answers.push(told(await send(t, null, 'POST', '/auth/v1/verify', body)));
      }
      return answers;
    };
    const known = await guesses(person.email);
    expect(known.map(({ status }) => status)).toEqual([...Array(30).fill(403), 429]);
    expect(await guesses(newEmail())).toEqual(known);
  });

  test('a new password: ten at once', async () => {
    const statuses = [];
    for (let times = 0; times < 11; times += 1) {
      const answer = await send(t, person, 'PUT', '/auth/v1/user', { password: `correct horse ${times}` });
      statuses.push(answer.status);
    }
    expect(statuses).toEqual([...Array(10).fill(200), 429]);
  });
});
