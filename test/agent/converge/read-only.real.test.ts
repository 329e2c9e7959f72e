import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { converge } from '../../../agent/converge/converge.ts';
import { embeddedOptions, outcome } from '../../support/converged.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { startUpstreamLike } from './upstream-image.ts';

const dbPassword = 'to read with';

const kinds: [kind: string, start: () => Promise<TestPostgres>, services: boolean][] = [
  ['of the embedded runtime', startPostgres, false],
  ["of upstream's image", startUpstreamLike, true],
];

describe.each(kinds)('supabase_read_only_user in a database %s', (_kind, start, hasServices) => {
  let server: TestPostgres;
  let reader: Client;

  beforeAll(async () => {
    server = await start();
    const agent = await server.asAgent();
    const services = { auth: hasServices, storage: hasServices, realtime: hasServices };
    await converge(agent, embeddedOptions({ dbPassword, services }));
    const postgres = await server.asClient('postgres', dbPassword);
    await postgres.query(`
      create schema private;
      create table private.salaries (id bigserial primary key, amount int);
      alter table private.salaries enable row level security;
      insert into private.salaries (amount) values (1), (2);
      create table public.notes (id int primary key, body text);
      alter table public.notes enable row level security;
      revoke all on public.notes from anon, authenticated, service_role;
      insert into public.notes values (1, 'mine');
      create view public.titles as select id from public.notes;
      create function public.tidy() returns void language sql as 'delete from public.notes'`);
    reader = await server.asClient('supabase_read_only_user', dbPassword);
  });
  afterAll(() => server?.stop());

  test.each([
    ['select body as it from public.notes', [{ it: 'mine' }]],
    ['select sum(amount)::int as it from private.salaries', [{ it: 3 }]],
    ['select count(*)::int as it from public.titles', [{ it: 1 }]],
    ['select count(*)::int as it from auth.users', [{ it: 0 }]],
    ['select count(*)::int as it from storage.objects', [{ it: 0 }]],
    ['select last_value::int as it from private.salaries_id_seq', [{ it: 2 }]],
  ])('reads whatever there is: %s', async (sql, expected) => {
    expect(await outcome(reader, sql)).toEqual(expected);
  });

  const writes: [sql: string, whenInsisting: string][] = [
    ["insert into public.notes values (2, 'x')", 'permission denied for table notes'],
    ["update public.notes set body = 'x'", 'permission denied for table notes'],
    ['delete from private.salaries', 'permission denied for table salaries'],
    ['truncate public.notes', 'permission denied for table notes'],
    ['select tidy()', 'permission denied for table notes'],
    ['insert into auth.users (id) values (gen_random_uuid())', 'permission denied for table users'],
    ["insert into storage.buckets (id, name) values ('b', 'b')", 'permission denied for table buckets'],
    ["select nextval('private.salaries_id_seq')", 'permission denied for sequence salaries_id_seq'],
    ["select setval('private.salaries_id_seq', 1)", 'permission denied for sequence salaries_id_seq'],
    ['create table public.mine ()', 'permission denied for schema public'],
    ['create schema mine', 'permission denied for database postgres'],
    ['create extension hstore', 'permission denied to create extension "hstore"'],
    ['create role mine', 'permission denied to create role'],
    ['drop table public.notes', 'must be owner of table notes'],
    ['alter table public.notes disable row level security', 'must be owner of table notes'],
    ['comment on table public.notes is null', 'must be owner of table notes'],
    ["copy (select 1) to program 'id'", 'permission denied to COPY to or from an external program'],
    ['alter role postgres superuser', 'permission denied to alter role'],
  ];

  test.each(writes)('writes nothing: %s', async (sql, whenInsisting) => {
    expect(await outcome(reader, sql)).toMatch(/read-only transaction|permission denied|must be owner/);

    await reader.query('begin read write');
    const insisted = await outcome(reader, sql);
    await reader.query('rollback');

    expect(insisted).toBe(whenInsisting);
  });

  test.each([
    'create temporary table mine ()',
    "select lo_from_bytea(0, 'x')",
    "alter role supabase_read_only_user password 'x'",
    'alter role supabase_read_only_user reset default_transaction_read_only',
  ])('leaves nothing behind without insisting: %s', async (sql) => {
    expect(await outcome(reader, sql)).toMatch('read-only transaction');
  });

  test('hands nothing on', async () => {
    await reader.query('begin read write');
    await reader.query('grant select on public.notes to anon');

    expect(await outcome(reader, "select has_table_privilege('anon', 'public.notes', 'select') as it")).toEqual([
      { it: false },
    ]);
    await reader.query('rollback');
  });

  test.each(['postgres', 'supabase_admin', 'service_role', 'supabase_auth_admin'])('becomes no %s', async (role) => {
    expect(await outcome(reader, `set role ${role}`)).toBe(`permission denied to set role "${role}"`);
  });
});
