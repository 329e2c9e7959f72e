import { createServer, type Server } from 'node:http';
import { createClient, LibsqlError } from '@libsql/client/web';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { openDatabase, type Statement } from '../../../worker/store/db.ts';
import { unsealedChain } from '../../support/chain.ts';

const one: Statement<number> = { sql: 'select 1', args: [], decode: ({ rows }) => Number(rows[0]?.[0]) };
const servers: Server[] = [];

/** Stands before the real database and answers the first requests itself. */
async function behind(refusals: { status: number }[]): Promise<string> {
  const left = [...refusals];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const refusal = request.method === 'POST' ? left.shift() : undefined;
    if (refusal !== undefined) return response.writeHead(refusal.status).end('no');
    const answer = await fetch(`${inject('databaseUrl')}${request.url}`, {
      method: request.method ?? 'GET',
      ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
    });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

describe('the database', () => {
  test('that has too many requests is asked again, since it did nothing', async () => {
    const { read } = openDatabase(
      createClient({ url: await behind([{ status: 429 }, { status: 429 }]) }),
      unsealedChain,
    );
    expect(await read([one])).toEqual([1]);
  });

  test.each([
    ['refuses for good', [{ status: 503 }]],
    ['stays too busy', Array.from({ length: 10 }, () => ({ status: 429 }))],
  ])('that %s is unavailable, with a time to come back', async (_, refusals) => {
    const { write } = openDatabase(createClient({ url: await behind(refusals) }), unsealedChain);
    await expect(write([one])).rejects.toMatchObject({ code: 'database_unavailable', retryAfterSeconds: 1 });
  });

  test('that nobody serves is unavailable', async () => {
    const { read } = openDatabase(createClient({ url: 'http://127.0.0.1:1' }), unsealedChain);
    await expect(read([one])).rejects.toMatchObject({ code: 'database_unavailable' });
  });

  test('goes on saying what is wrong with SQL', async () => {
    const { read } = openDatabase(createClient({ url: inject('databaseUrl') }), unsealedChain);
    await expect(read([{ ...one, sql: 'select from' }])).rejects.toBeInstanceOf(LibsqlError);
  });
});
