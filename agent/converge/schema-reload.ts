import { ownedBySuperuser } from './service-table.ts';
import { usesSupautils } from './supautils.ts';

/** Schemas whose own housekeeping (partitions, migrations of the services) concerns no API client. */
const quiet = "array['pg_temp', 'auth', 'realtime', '_realtime', 'storage']";

const ddlWatch = `
create or replace function extensions.pgrst_ddl_watch() returns event_trigger
language plpgsql set search_path = '' as $fn$
begin
  if exists (
    select from pg_event_trigger_ddl_commands() c
    where case
      when c.command_tag = 'CREATE TRIGGER' then c.object_identity not like '% pg\\_temp.%'
      else c.command_tag in (
          'CREATE SCHEMA', 'ALTER SCHEMA', 'CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'ALTER TABLE',
          'CREATE FOREIGN TABLE', 'ALTER FOREIGN TABLE', 'CREATE VIEW', 'ALTER VIEW', 'CREATE MATERIALIZED VIEW',
          'ALTER MATERIALIZED VIEW', 'CREATE FUNCTION', 'ALTER FUNCTION', 'CREATE TYPE', 'ALTER TYPE', 'CREATE RULE',
          'COMMENT'
        ) and coalesce(c.schema_name, '') <> all (${quiet})
    end
  ) then
    notify pgrst, 'reload schema';
  end if;
end $fn$;`;

const dropWatch = `
create or replace function extensions.pgrst_drop_watch() returns event_trigger
language plpgsql set search_path = '' as $fn$
begin
  if exists (
    select from pg_event_trigger_dropped_objects() o
    where case
      when o.object_type = 'trigger' then o.object_identity not like '% pg\\_temp.%'
      else o.object_type in (
          'schema', 'table', 'foreign table', 'view', 'materialized view', 'function', 'type', 'rule'
        ) and not o.is_temporary and coalesce(o.schema_name, '') <> all (${quiet})
    end
  ) then
    notify pgrst, 'reload schema';
  end if;
end $fn$;`;

/**
 * Tells PostgREST to read its schema again whenever something that the data API shows was created, altered or dropped.
 * The names are upstream's: people look for them. Upstream's image has them already, in the words of its version.
 */
export const schemaReloadSql = `
${unlessUpstreams('extensions.pgrst_ddl_watch()', ddlWatch)}
${unlessUpstreams('extensions.pgrst_drop_watch()', dropWatch)}

do $do$ begin
  if not exists (select from pg_event_trigger where evtname = 'pgrst_ddl_watch') then
    create event trigger pgrst_ddl_watch on ddl_command_end execute function extensions.pgrst_ddl_watch();
  end if;
  if not exists (select from pg_event_trigger where evtname = 'pgrst_drop_watch') then
    create event trigger pgrst_drop_watch on sql_drop execute function extensions.pgrst_drop_watch();
  end if;
end $do$;
`;

/** The text of a function may be trusted to be upstream's as long as its image's superuser owns it. */
function unlessUpstreams(signature: string, sql: string): string {
  return `do $do$ begin
  if not (${usesSupautils}) or not exists (
    select from pg_proc where oid = to_regprocedure('${signature}') and proowner = 'supabase_admin'::regrole
  ) then
    ${sql}
    ${ownedBySuperuser([signature])}
  end if;
end $do$;`;
}
