import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { converge } from '../../../agent/converge/converge.ts';
import { catalogDump, difference } from '../../support/catalog.ts';
import { embeddedOptions, outcome } from '../../support/converged.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';

const dbPassword = 'application';
const options = embeddedOptions({ dbPassword });

let server: TestPostgres;
let agent: Client;
let postgres: Client;
/** A session as PostgREST opens it. */
let api: Client;

beforeAll(async () => {
  server = await startPostgres();
  agent = await server.asAgent();
  await converge(agent, options);
  postgres = await server.asClient('postgres', dbPassword);
  api = await server.asClient('authenticator', dbPassword);
});
afterAll(() => server?.stop());

/** One request of the data API: the role and the claims of its token hold for one transaction. */
async function request(role: string, claims: Record<string, unknown>, sql: string): Promise<unknown> {
  await api.query(`begin; set local role ${role}`);
  await api.query("select set_config('request.jwt.claims', $1, true)", [JSON.stringify({ role, ...claims })]);
  const result = await outcome(api, sql);
  await api.query('rollback');
  return result;
}

const count = (table: string) => `select count(*)::int as it from ${table}`;

describe('an application of 30 tables', () => {
  test('applies unchanged as postgres, and converge leaves it alone before and after', async () => {
    await postgres.query(await readFile(join(import.meta.dirname, '../../fixtures/app-schema.sql'), 'utf8'));
    const before = await catalogDump(agent);

    expect((await converge(agent, options)).passwords).toEqual([]);
    expect(await converge(agent, options)).toEqual({ ran: false, passwords: [] });

    expect(difference(before, await catalogDump(agent)).filter((line) => !line.includes('pgrst_ddl_watch'))).toEqual(
      [],
    );
    expect(
      await outcome(
        postgres,
        "select count(*)::int as it from pg_class where relkind in ('r', 'p') and not relispartition " +
          "and relnamespace in ('public'::regnamespace, 'private'::regnamespace)",
      ),
    ).toEqual([{ it: 30 }]);
  });

  test('has its tables in the publication and its policies on tables of the services', async () => {
    expect(
      await outcome(
        postgres,
        "select tablename from pg_publication_tables where pubname = 'supabase_realtime' order by 1",
      ),
    ).toEqual([{ tablename: 'messages' }, { tablename: 'notifications_default' }, { tablename: 'tasks' }]);
    expect(
      await outcome(
        postgres,
        "select count(*)::int as it from pg_policies where schemaname in ('storage', 'realtime')",
      ),
    ).toEqual([{ it: 7 }]);
  });
});

describe('row level security', () => {
  const [ada, bob] = [randomUUID(), randomUUID()];

  beforeAll(async () => {
    const service = await server.asClient('supabase_auth_admin', dbPassword);
    for (const [id, name] of [
      [ada, 'Ada'],
      [bob, 'Bob'],
    ]) {
      await service.query(
        `insert into auth.users (instance_id, id, aud, role, email, raw_user_meta_data)
         values ('00000000-0000-0000-0000-000000000000', $1, 'authenticated', 'authenticated', $2, $3)`,
        [id, `${name}@example.com`.toLowerCase(), { full_name: name }],
      );
      await postgres.query('insert into public.workspaces (slug, name, created_by) values (lower($1), $1, $2)', [
        name,
        id,
      ]);
    }
  });

  test('a sign-up ran the trigger of the application', async () => {
    expect(await outcome(postgres, 'select full_name from public.profiles order by 1')).toEqual([
      { full_name: 'Ada' },
      { full_name: 'Bob' },
    ]);
  });

  test('a user sees and changes the own rows only', async () => {
    expect(await request('authenticated', { sub: ada }, 'select name from public.workspaces')).toEqual([
      { name: 'Ada' },
    ]);
    expect(
      await request('authenticated', { sub: ada }, `update public.profiles set website = 'x' returning id`),
    ).toEqual([{ id: ada }]);
    expect(
      await request(
        'authenticated',
        { sub: ada },
        `insert into public.workspaces (slug, name, created_by) values ('x', 'x', '${bob}')`,
      ),
    ).toBe('new row violates row-level security policy for table "workspaces"');
  });

  test('a guest sees none of them, the service all', async () => {
    expect(await request('anon', {}, count('public.workspaces'))).toEqual([{ it: 0 }]);
    expect(await request('service_role', {}, count('public.workspaces'))).toEqual([{ it: 2 }]);
  });

  test('nobody reads users through the API but who may bypass', async () => {
    expect(await request('anon', {}, count('auth.users'))).toBe('permission denied for table users');
    expect(await request('authenticated', { sub: ada }, count('auth.users'))).toBe('permission denied for table users');
  });

  test('files follow their policies', async () => {
    const upload = (owner: string, path: string) =>
      request(
        'authenticated',
        { sub: owner },
        `insert into storage.objects (bucket_id, name) values ('avatars', '${path}') returning path_tokens`,
      );
    expect(await upload(ada, `${ada}/me.png`)).toEqual([{ path_tokens: [ada, 'me.png'] }]);
    expect(await upload(ada, `${bob}/me.png`)).toBe('new row violates row-level security policy for table "objects"');
    expect(await request('anon', {}, count('storage.buckets'))).toEqual([{ it: 0 }]);
  });

  test('claims reach policies in both forms that clients send', async () => {
    const claims = { sub: ada, email: 'ada@example.com', app_metadata: { staff: true } };
    expect(
      await request('authenticated', claims, 'select auth.uid() as uid, auth.role() as role, auth.email() as email'),
    ).toEqual([{ uid: ada, role: 'authenticated', email: 'ada@example.com' }]);
    expect(await request('authenticated', claims, "select auth.jwt() -> 'app_metadata' as it")).toEqual([
      { it: { staff: true } },
    ]);
    expect(
      await outcome(postgres, `select set_config('request.jwt.claim.sub', '${bob}', false) is null, auth.uid() as uid`),
    ).toEqual([expect.objectContaining({ uid: bob })]);
    expect(await outcome(agent, 'select auth.uid() as uid, auth.jwt() as jwt')).toEqual([{ uid: null, jwt: null }]);
  });

  test('a message sent where no realtime service runs costs a warning, not the statement', async () => {
    expect(await outcome(postgres, "select realtime.send('{}', 'e', 't')")).toEqual([{ send: '' }]);
    expect(server.log()).toContain('WarnSendingBroadcastMessage: no partition of relation "messages" found');
  });
});

describe('what comes later', () => {
  test('tables, functions and sequences of postgres are open to the API roles', async () => {
    await postgres.query(
      'create table public.later (id serial); create function public.now_what() returns int return 1',
    );
    for (const role of ['anon', 'authenticated', 'service_role']) {
      expect(
        await request(role, {}, 'insert into public.later default values returning id, public.now_what()'),
      ).toEqual([{ id: expect.any(Number), now_what: 1 }]);
    }
  });

  test('the data API hears of every change to what it shows, and of nothing else', async () => {
    const heard: string[] = [];
    const listener = await server.asClient('authenticator', dbPassword);
    listener.on('notification', (message) => heard.push(`${message.channel}: ${message.payload}`));
    await listener.query('listen pgrst');

    for (const sql of [
      'create table public.seen (id int)',
      'alter table public.seen add column name text',
      'create view public.seen_too as select * from public.seen',
      "comment on table public.seen is 'x'",
      'drop table public.seen cascade',
    ]) {
      heard.length = 0;
      await postgres.query(sql);
      await until(() => heard.length > 0, { what: `a notification of: ${sql}` });
      expect(heard).toEqual(['pgrst: reload schema']);
    }

    heard.length = 0;
    await postgres.query('create temp table unseen (id int); drop table unseen');
    await postgres.query('create table public.loud (id int)');
    await until(() => heard.length > 0, { what: 'the notification after the silent statements' });
    expect(heard).toHaveLength(1);
  });

  test.each([
    'dblink',
    'postgres_fdw',
    'moddatetime',
    'autoinc',
    'insert_username',
    'refint',
    'bloom',
    'cube',
    'earthdistance',
    'ltree',
    'fuzzystrmatch',
    'tablefunc',
    'intarray',
  ])('postgres installs and drops the extension %s', async (name) => {
    expect(await outcome(postgres, `create extension if not exists ${name} with schema extensions`)).toEqual([]);
    if (name === 'cube' || name === 'moddatetime') return;
    expect(await outcome(postgres, `drop extension ${name}`)).toEqual([]);
  });

  test('a foreign server can be set up over postgres_fdw', async () => {
    await postgres.query(`
      create extension if not exists postgres_fdw with schema extensions;
      create server other foreign data wrapper postgres_fdw options (host '127.0.0.1');
      create user mapping for postgres server other options (user 'u', password 'p')`);
    expect(await outcome(postgres, 'create user mapping for anon server other')).toEqual([]);
  });

  test('text sorts as people expect it', async () => {
    expect(
      await outcome(
        postgres,
        "select string_agg(x, '' order by x) as it from unnest(array['b', 'A', 'a', 'Z', 'ä']) x",
      ),
    ).toEqual([{ it: 'aAäbZ' }]);
  });
});

describe('what Studio reads', () => {
  test('users of the instance, newest first', async () => {
    const { rows } = await postgres.query(
      `select id, email, phone, raw_user_meta_data, is_sso_user, is_anonymous, banned_until, confirmed_at, last_sign_in_at,
         coalesce((select array_agg(distinct i.provider) from auth.identities i where i.user_id = u.id), '{}') as providers
       from auth.users u where instance_id = '00000000-0000-0000-0000-000000000000' order by created_at desc nulls last`,
    );
    expect(rows.map((row) => row.email).sort()).toEqual(['ada@example.com', 'bob@example.com']);
  });

  test('roles, sessions, extensions and statement statistics', async () => {
    const { rows } = await postgres.query("select rolname from pg_roles where rolname !~ '^pg_' order by 1");
    expect(rows.map((row) => row.rolname)).toEqual(
      expect.arrayContaining([
        'anon',
        'authenticated',
        'authenticator',
        'dashboard_user',
        'postgres',
        'service_role',
        'supabase_admin',
      ]),
    );
    for (const sql of [
      'select pid, usename, query, state from pg_stat_activity',
      'select name, default_version, installed_version from pg_available_extensions',
      'select query, calls, total_exec_time from extensions.pg_stat_statements limit 5',
      'select * from storage.buckets',
      'select * from pg_publication_tables',
      'select pg_database_size(current_database())',
    ]) {
      expect(await outcome(postgres, sql)).toBeInstanceOf(Array);
    }
  });

  test('a folder of a bucket, level by level', async () => {
    await postgres.query(
      `insert into storage.objects (bucket_id, name) select 'attachments', unnest(array['a/b/1.pdf', 'a/b/2.pdf', 'a/c.pdf', 'top.PNG'])`,
    );
    const list = (prefix: string, levels: number) =>
      outcome(postgres, "select name, id is null as folder from storage.search($1, 'attachments', 100, $2)", [
        prefix,
        levels,
      ]);
    expect(await list('', 1)).toEqual([
      { name: 'a', folder: true },
      { name: 'top.PNG', folder: false },
    ]);
    expect(await list('a/', 2)).toEqual([
      { name: 'b', folder: true },
      { name: 'c.pdf', folder: false },
    ]);
    expect(
      await outcome(
        postgres,
        "select storage.foldername('x/y/z.tar.gz') as d, storage.filename('x/y/z.tar.gz') as f, storage.extension('x/y/z.tar.gz') as e",
      ),
    ).toEqual([{ d: ['x', 'y'], f: 'z.tar.gz', e: 'gz' }]);
  });

  test('files are not deleted behind the storage service', async () => {
    expect(await outcome(postgres, 'delete from storage.objects')).toBe(
      'Direct deletion from storage tables is not allowed. Use the Storage API instead.',
    );
  });
});
