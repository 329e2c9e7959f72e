import type { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { converge } from '../../../agent/converge/converge.ts';
import { embeddedOptions, outcome } from '../../support/converged.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';

const dbPassword = 'abuse';

let server: TestPostgres;
let agent: Client;
let user: Client;

beforeAll(async () => {
  server = await startPostgres();
  agent = await server.asAgent();
  await converge(agent, embeddedOptions({ dbPassword }));
  user = await server.asClient('postgres', dbPassword);
});
afterAll(() => server?.stop());

/** The whole SQL runs, over whatever the user has left in the database. */
async function forcedRun(): Promise<unknown> {
  await agent.query('drop event trigger if exists supafleet_extension_grants');
  try {
    return await converge(agent, embeddedOptions({ dbPassword }));
  } catch (error) {
    return error;
  }
}

describe('a user with the project password', () => {
  test.each([
    ['is no superuser', 'select rolsuper as it from pg_roles where rolname = current_user', [{ it: false }]],
    ['sees the names of roles', "select rolname as it from pg_authid where rolname = 'anon'", [{ it: 'anon' }]],
    ['cannot read password verifiers', 'select rolpassword from pg_authid', 'permission denied for table pg_authid'],
    ['cannot become the superuser', 'set role supabase_admin', 'permission denied to set role "supabase_admin"'],
    [
      'cannot act as the auth service',
      'set role supabase_auth_admin',
      'permission denied to set role "supabase_auth_admin"',
    ],
    ['cannot make superusers', 'create role intruder superuser', 'permission denied to create role'],
    ['cannot make itself one', 'alter role postgres superuser', 'permission denied to alter role'],
    [
      'cannot run programs on the host',
      "copy (select 1) to program 'id'",
      'permission denied to COPY to or from an external program',
    ],
    [
      'cannot read files of the host',
      "select pg_read_file('/etc/passwd')",
      'permission denied for function pg_read_file',
    ],
    [
      'cannot change the server',
      "alter system set archive_command = 'id'",
      'permission denied to set parameter "archive_command"',
    ],
    [
      'cannot make event triggers',
      'create event trigger e on sql_drop execute function extensions.pgrst_drop_watch()',
      'permission denied to create event trigger "e"',
    ],
    [
      'cannot forge the record',
      "comment on event trigger pgrst_ddl_watch is ''",
      'must be owner of event trigger pgrst_ddl_watch',
    ],
    [
      'cannot install what reads the host',
      'create extension file_fdw',
      'permission denied to create extension "file_fdw"',
    ],
    ['cannot drop the schema of a service', 'drop schema auth cascade', 'must be owner of schema auth'],
  ])('%s', async (_, sql, expected) => {
    expect(await outcome(user, sql)).toEqual(expected);
  });

  test('gets no session out of the server by its own connections', async () => {
    await user.query('create extension if not exists dblink with schema extensions');
    const socket = await outcome(user, 'select setting from pg_settings where name = $1', ['unix_socket_directories']);
    const directory = Array.isArray(socket) ? String(socket[0]?.setting) : '';
    const connection = `host=${directory} port=${server.port} user=supabase_admin dbname=postgres`;

    expect(await outcome(user, 'select extensions.dblink_connect_u($1)', [connection])).toBe(
      'permission denied for function dblink_connect_u',
    );
    expect(await outcome(user, 'select extensions.dblink_connect($1)', [connection])).toMatch(
      /password|could not establish connection/,
    );
  });
});

describe('what a user leaves behind for converge to run over', () => {
  const grab = 'alter role postgres superuser; create table if not exists public.caught (how text)';

  afterEach(async () => {
    expect(await outcome(user, 'select rolsuper as it from pg_roles where rolname = current_user')).toEqual([
      { it: false },
    ]);
    expect(await outcome(agent, "select to_regclass('public.caught') as it")).toEqual([{ it: null }]);
  });

  test('functions that shadow those of Postgres are not called', async () => {
    await user.query(`
      create function public.concat_ws(text, name, boolean, boolean, boolean, boolean, boolean, boolean, boolean)
        returns text language plpgsql as $$ begin execute '${grab}'; return ''; end $$;
      create function public.md5(name) returns text language plpgsql as $$ begin execute '${grab}'; return ''; end $$;
      create function public.obj_description(oid, unknown_type name) returns text
        language plpgsql as $$ begin execute '${grab}'; return ''; end $$;
      create function public.shadow(name, text) returns boolean language plpgsql as $$ begin execute '${grab}'; return true; end $$;
      create operator public.~ (leftarg = name, rightarg = text, function = public.shadow)`);

    expect(await forcedRun()).toMatchObject({ ran: true });
  });

  test('triggers on tables of the services do not fire', async () => {
    await user.query(`
      create function public.trap() returns trigger language plpgsql as $$
        begin reset role; set role supabase_admin; execute '${grab}'; return new; end $$;
      create trigger trap before insert or update or delete on auth.schema_migrations
        for each statement execute function public.trap();
      alter table auth.schema_migrations enable always trigger trap;
      create trigger trap before insert or update or delete on storage.buckets
        for each statement execute function public.trap();
      create trigger trap before insert or update or delete on auth.users for each row execute function public.trap()`);

    expect(await forcedRun()).toMatchObject({ ran: true });
  });

  test('functions under the names of those that run as the superuser are taken from the user', async () => {
    await agent.query('drop function extensions.pgrst_ddl_watch() cascade');
    await user.query('drop function extensions.pgrst_drop_watch() cascade');
    for (const name of ['pgrst_ddl_watch', 'pgrst_drop_watch']) {
      await user.query(
        `create function extensions.${name}() returns event_trigger language plpgsql as $$ begin execute '${grab}'; end $$`,
      );
    }

    expect(await forcedRun()).toMatchObject({ ran: true });

    const replaced = await outcome(
      user,
      `create or replace function extensions.pgrst_ddl_watch() returns event_trigger
         language plpgsql as $$ begin execute '${grab}'; end $$`,
    );
    expect(replaced).toBe('must be owner of function pgrst_ddl_watch');
    await agent.query('create table public.by_the_superuser ()');
  });

  test('policies and helpers the user replaced are put right, or the run fails without a trace', async () => {
    await user.query(`
      drop function auth.uid() cascade;
      create function auth.uid() returns uuid language plpgsql as $$ begin execute '${grab}'; return null; end $$`);

    expect(await forcedRun()).toMatchObject({ ran: true });

    expect(
      await outcome(agent, "select proowner::regrole::text as it from pg_proc where oid = 'auth.uid()'::regprocedure"),
    ).toEqual([{ it: 'supabase_auth_admin' }]);
  });
});
