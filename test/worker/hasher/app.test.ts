import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createHasherApp } from '../../../worker/hasher/app.ts';
import { createQueue } from '../../../worker/hasher/queue.ts';
import { createHasherClient } from '../../../worker/hasher-client.ts';
import { createTestApp } from '../../support/app.ts';

const clock = { now: () => performance.now(), pause: (milliseconds: number) => wait(milliseconds) };

function createHasher(waiting = 32) {
  const logged: string[] = [];
  const app = createHasherApp({
    queue: createQueue(clock, { waiting, everyMs: 5, goneAfterMs: 10_000 }),
    randomBytes: (length) => new Uint8Array(randomBytes(length)),
    logError: (message) => void logged.push(message),
  });
  const client = createHasherClient({ fetch: (request) => Promise.resolve(app.fetch(request)) });
  return { app, client, logged };
}

describe('the hasher', () => {
  test('hashes with a salt of its own each time and verifies', async () => {
    const { client } = createHasher();
    const [one, two] = await Promise.all([client.hash('correct horse battery'), client.hash('correct horse battery')]);
    expect(one).not.toBe(two);
    expect(await client.verify('correct horse battery', one)).toBe(true);
    expect(await client.verify('wrong horse battery', one)).toBe(false);
    expect(await client.verify('correct horse battery', null)).toBe(false);
  });

  test('works as long for nobody as for somebody', async () => {
    const { client } = createHasher();
    const hash = await client.hash('correct horse battery');
    const took = async (against: string | null) => {
      const start = performance.now();
      for (let round = 0; round < 3; round += 1) await client.verify('wrong horse battery', against);
      return performance.now() - start;
    };
    const [somebody, nobody] = [await took(hash), await took(null)];
    // the same work on a busy machine: far apart only if one of them were skipped
    expect(Math.max(somebody, nobody) / Math.min(somebody, nobody)).toBeLessThan(5);
  });

  test('refuses more than may wait, with a time to come back, and answers the others', async () => {
    const { client } = createHasher(4);
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => client.verify('some password', null)));
    expect(answers.filter(({ status }) => status === 'fulfilled').length).toBe(5);
    for (const answer of answers) {
      if (answer.status === 'rejected') {
        expect(answer.reason).toMatchObject({ code: 'overloaded', retryAfterSeconds: 5 });
      }
    }
  });

  test.each([
    ['/hash', 400, '{}'],
    ['/hash', 400, '{"password":'],
    ['/hash', 400, '{"password":5}'],
    ['/hash', 400, JSON.stringify({ password: 'x'.repeat(1025) })],
    ['/verify', 400, '{"password":"x"}'],
    ['/verify', 400, JSON.stringify({ password: 'x', hash: 'y'.repeat(300) })],
    ['/verify', 413, JSON.stringify({ password: 'x'.repeat(9000), hash: null })],
    ['/other', 404, '{}'],
  ])('answers %s with %i to %s', async (path, status, body) => {
    const { app, logged } = createHasher();
    const response = await app.request(path, { method: 'POST', body });
    expect(response.status).toBe(status);
    expect(logged).toEqual([]);
  });

  test('says it is too late when it takes too long', async () => {
    const never = {
      fetch: (request: Request) =>
        new Promise<Response>((_, reject) => {
          request.signal.addEventListener('abort', () => reject(request.signal.reason));
        }),
    };
    const client = createHasherClient(never, { timeoutMs: 20 });
    await expect(client.verify('x', null)).rejects.toMatchObject({ code: 'overloaded' });
  });

  test('keeps what it was asked out of errors', async () => {
    const client = createHasherClient({ fetch: async () => Response.json({ message: 'secret' }, { status: 500 }) });
    await expect(client.hash('a very secret phrase')).rejects.toThrow('the hasher answered 500');
  });

  test('signs in a real account, and not its 73-byte twin', async () => {
    const t = await createTestApp({ hasher: createHasher().client });
    const email = `${crypto.randomUUID()}@example.com`;
    const password = 'a'.repeat(73);
    await t.client.execute({
      sql: `insert into accounts (id, number, email, password_hash, username, created_at, email_confirmed_at)
            select ?, coalesce(max(number), 0) + 1, ?, ?, ?, 1, 1 from accounts`,
      args: [crypto.randomUUID(), email, await t.deps.hasher.hash(password), email],
    });
    const signIn = async (attempt: string) =>
      (
        await t.app.request('/auth/v1/token?grant_type=password', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ email, password: attempt }),
        })
      ).status;
    expect(await signIn(password)).toBe(200);
    expect(await signIn(`${'a'.repeat(72)}b`)).toBe(400);
    expect(await signIn('a'.repeat(72))).toBe(400);
  });
});
