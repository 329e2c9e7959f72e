import { beforeAll, describe, expect, test } from 'vitest';
import { createSeededApp, type Seeded } from '../../support/seeded.ts';

describe('GraphQL of a project', () => {
  let t: Seeded;
  beforeAll(async () => {
    t = await createSeededApp(() => ({ status: 200, body: '{"data":{}}' }));
  });

  const run = (headers: Record<string, string>) =>
    t.app.request(`/platform/projects/${t.ref}/api/graphql`, {
      method: 'POST',
      headers: { ...t.owner.headers, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query: '{ __typename }' }),
    });

  test('runs for who repeats their own token, as Studio does', async () => {
    const own = new Headers(t.owner.headers).get('authorization') ?? '';
    for (const given of [own, own.replace(/^Bearer /, '')]) {
      expect((await run({ 'x-graphql-authorization': given })).status).toBe(201);
    }
  });

  test('is refused to who wants it as another role: the service role would answer', async () => {
    const answer = await run({ 'x-graphql-authorization': 'Bearer of.another.role' });
    expect([answer.status, await answer.json()]).toEqual([404, expect.objectContaining({ code: 'not_available' })]);
  });
});
