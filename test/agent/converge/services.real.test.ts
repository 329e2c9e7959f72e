import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { convergeServices, type ServicesOptions } from '../../../agent/converge/services.ts';
import { outcome } from '../../support/converged.ts';
import type { TestPostgres } from '../../support/postgres.ts';
import { adminPassword, startUpstreamLike } from './upstream-image.ts';

let server: TestPostgres;
let admin: Client;
/** Databases to which sessions were opened, and how many of those were ended. */
let opened: string[] = [];
let closed = 0;
let queries = 0;

beforeAll(async () => {
  server = await startUpstreamLike();
  admin = await server.asClient('supabase_admin', adminPassword);
});
afterAll(() => server?.stop());

function options(services: Partial<ServicesOptions['services']> = {}): ServicesOptions {
  opened = [];
  closed = 0;
  queries = 0;
  return {
    services: { pooler: true, analytics: true, ...services },
    connect: async (database) => {
      const session = await server.asClient('supabase_admin', adminPassword, database);
      opened.push(database);
      return {
        query: (sql, params) => {
          queries += 1;
          return session.query(sql, params);
        },
        close: async () => {
          closed += 1;
          await session.end();
        },
      };
    },
  };
}

async function schemas(): Promise<unknown> {
  const session = await server.asClient('supabase_admin', adminPassword, '_supabase');
  const found = await outcome(
    session,
    "select nspname as name, nspowner::regrole::text as owner from pg_namespace where nspname ~ '^_' order by 1",
  );
  await session.end();
  return found;
}

const both = [
  { name: '_analytics', owner: 'supabase_admin' },
  { name: '_supavisor', owner: 'supabase_admin' },
];

describe('the database of pooler and analytics', () => {
  test('is not made where neither runs, and no session is opened for it', async () => {
    expect(await convergeServices(options({ pooler: false, analytics: false }))).toBe(false);

    expect(opened).toEqual([]);
    expect(await outcome(admin, "select count(*)::int as it from pg_database where datname = '_supabase'")).toEqual([
      { it: 0 },
    ]);
  });

  test('has the schemas of those that run, and gets the others when they come', async () => {
    expect(await convergeServices(options({ analytics: false }))).toBe(true);
    expect(await schemas()).toEqual(both.slice(1));

    expect(await convergeServices(options())).toBe(true);
    expect(await schemas()).toEqual(both);
  });

  test('costs two queries and leaves no session when it is as it should be', async () => {
    expect(await convergeServices(options())).toBe(false);

    expect({ opened, closed, queries }).toEqual({ opened: ['postgres', '_supabase'], closed: 2, queries: 2 });
  });

  test('lets no user in', async () => {
    await admin.query("alter role postgres password 'known to users'");

    await expect(server.asClient('postgres', 'known to users', '_supabase')).rejects.toThrow('permission denied');
  });

  test('keeps what the services have in it', async () => {
    const session = await server.asClient('supabase_admin', adminPassword, '_supabase');
    await session.query(
      'create table _supavisor.tenants (id text); alter schema _analytics owner to pg_database_owner',
    );

    expect(await convergeServices(options())).toBe(true);

    expect(await schemas()).toEqual(both);
    expect(await outcome(session, 'select count(*)::int as it from _supavisor.tenants')).toEqual([{ it: 0 }]);
    await session.end();
  });

  test.each([
    ['open to everybody, as the image of old left it', 'grant connect, temporary on database _supabase to public'],
    ["another role's", 'alter database _supabase owner to postgres'],
  ])('is put right where it is %s', async (_, statement) => {
    await admin.query(statement);

    expect(await convergeServices(options())).toBe(true);

    expect(await convergeServices(options())).toBe(false);
  });

  test('is made once by ten runs at the same time, over and over', async () => {
    for (let round = 0; round < 5; round += 1) {
      await admin.query('drop database _supabase');

      await Promise.all(Array.from({ length: 10 }, () => convergeServices(options())));

      expect(await schemas()).toEqual(both);
    }
  });

  test('is made although the project made its own read-only, impatient and powerless', async () => {
    await admin.query('drop database _supabase');
    await admin.query(`alter database postgres set default_transaction_read_only = on;
      alter database postgres set statement_timeout = '5ms'; alter database postgres set role = 'anon'`);

    expect(await convergeServices(options())).toBe(true);

    expect(await schemas()).toEqual(both);
  });

  test('names itself when it cannot be made', async () => {
    const refusing: ServicesOptions = { ...options(), connect: () => Promise.reject(new Error('connection refused')) };

    await expect(convergeServices(refusing)).rejects.toThrow(
      'Preparing the database of the services failed: connection refused',
    );
  });
});
