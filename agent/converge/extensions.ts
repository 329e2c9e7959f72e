import { ownedBySuperuser } from './service-table.ts';
import { usesSupautils } from './supautils.ts';

/** [extension, schema]: what upstream's image has installed from the start, as far as this server has it. */
const preinstalled: [string, string][] = [
  ['uuid-ossp', 'extensions'],
  ['pgcrypto', 'extensions'],
  ['supabase_vault', 'vault'],
];

/**
 * Settings that are the superuser's by default and that `postgres` sets on the platform: for bulk loads and tuning, and
 * on the role `authenticator` to configure PostgREST.
 */
const settingsForPostgres = [
  'session_replication_role',
  'track_io_timing',
  'track_functions',
  'log_min_duration_statement',
  'pgrst.db_schemas',
  'pgrst.db_extra_search_path',
  'pgrst.db_max_rows',
  'pgrst.db_aggregates_enabled',
  'pgrst.db_plan_enabled',
  'pgrst.db_pre_request',
  'pgrst.openapi_mode',
  'pgrst.server_timing_enabled',
];

const adjustGrants = `declare
  risky regprocedure;
begin
  if exists (select from pg_extension where extname = 'postgres_fdw') then
    grant usage on foreign data wrapper postgres_fdw to postgres with grant option;
  end if;
  for risky in
    select p.oid from pg_proc p
    join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    join pg_extension e on d.refclassid = 'pg_extension'::regclass and e.oid = d.refobjid
    where e.extname = 'dblink' and p.proname = 'dblink_connect_u'
  loop
    execute format('revoke all on function %s from public, postgres cascade', risky);
  end loop;
end`;

/**
 * Extensions, and what `postgres` may do with those it creates itself. Objects of a trusted extension belong to the
 * bootstrap superuser: a trigger hands on the right to use the foreign data wrapper of postgres_fdw, and takes back
 * dblink_connect_u, which logs in as whoever the server itself may be. Upstream's image has seen to all of it itself and
 * goes on by supautils; an extension that is missing there was dropped by somebody.
 */
export const extensionsSql = `
do $do$
declare
  wanted record;
begin
  for wanted in
    select * from (values
      ${preinstalled.map(([name, schema]) => `('${name}', '${schema}')`).join(',\n      ')},
      ('pg_stat_statements',
        case when current_setting('shared_preload_libraries') like '%pg_stat_statements%' then 'extensions' end)
    ) as w(name, schema)
    where schema is not null and not (${usesSupautils})
      and exists (select from pg_available_extensions a where a.name = w.name)
      and not exists (select from pg_extension e where e.extname = w.name)
  loop
    -- the platform's extensions are postgres's own, so that it may drop them; the trusted ones it can make itself
    if exists (select from pg_available_extension_versions v where v.name = wanted.name and v.trusted) then
      set local role postgres;
    end if;
    execute format('create extension %I with schema %I', wanted.name, wanted.schema);
    set local role none;
  end loop;
end $do$;

grant execute on function pg_catalog.pg_reload_conf() to postgres;

do $do$ begin
  if not (${usesSupautils}) then
    grant all on all tables in schema extensions to postgres with grant option;
    grant all on all routines in schema extensions to postgres with grant option;
    grant all on all sequences in schema extensions to postgres with grant option;
    grant set on parameter ${settingsForPostgres.join(', ')} to postgres;

    ${adjustGrants};

    create or replace function extensions.adjust_extension_grants() returns event_trigger
    language plpgsql security definer set search_path = '' as $fn$
    ${adjustGrants} $fn$;
    ${ownedBySuperuser(['extensions.adjust_extension_grants()'])}
    revoke all on function extensions.adjust_extension_grants() from public, postgres;

    if not exists (select from pg_event_trigger where evtname = 'supafleet_extension_grants') then
      create event trigger supafleet_extension_grants on ddl_command_end
        when tag in ('CREATE EXTENSION', 'ALTER EXTENSION')
        execute function extensions.adjust_extension_grants();
    end if;
  end if;
end $do$;
`;
