/**
 * Each check yields (schema, object, type, info). `$1` is the list of schemas the data API exposes. Only what users made
 * counts: an extension's own objects and the platform's schemas do not.
 */
export const lintSql = {
  rls_disabled_in_public: `
    select n.nspname::text, c.relname::text, 'table', null::text
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relrowsecurity and n.nspname = any ($1::text[]) and ${notOfExtension('pg_class', 'c.oid')}
      and (${anyGrant('c.oid')})`,
  policy_exists_rls_disabled: `
    select n.nspname::text, c.relname::text, 'table', string_agg(p.polname::text, ', ' order by p.polname)
    from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
    where not c.relrowsecurity and ${ofUsers('n.nspname')}
    group by 1, 2`,
  rls_enabled_no_policy: `
    select n.nspname::text, c.relname::text, 'table', null::text
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and c.relrowsecurity and ${ofUsers('n.nspname')} and ${notOfExtension('pg_class', 'c.oid')}
      and not exists (select from pg_policy p where p.polrelid = c.oid)`,
  auth_users_exposed: `
    select distinct n.nspname::text, c.relname::text, 'view', null::text
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_rewrite w on w.ev_class = c.oid
    join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_class'::regclass
    where c.relkind in ('v', 'm') and n.nspname = any ($1::text[]) and d.refobjid = to_regclass('auth.users')
      and (${anyGrant('c.oid')})`,
  security_definer_view: `
    select n.nspname::text, c.relname::text, 'view', null::text
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'v' and n.nspname = any ($1::text[]) and ${notOfExtension('pg_class', 'c.oid')}
      and not exists (
        select from pg_options_to_table(c.reloptions) o
        where o.option_name = 'security_invoker' and lower(o.option_value) in ('true', 'on', 'yes', '1'))
      and (${anyGrant('c.oid')})`,
  function_search_path_mutable: `
    select n.nspname::text, p.proname::text, 'function', pg_get_function_identity_arguments(p.oid)
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where p.prokind in ('f', 'p') and ${ofUsers('n.nspname')} and ${notOfExtension('pg_proc', 'p.oid')}
      and not exists (select from unnest(p.proconfig) setting where setting like 'search_path=%')`,
  extension_in_public: `
    select n.nspname::text, e.extname::text, 'extension', null::text
    from pg_extension e join pg_namespace n on n.oid = e.extnamespace
    where n.nspname = 'public'`,
  materialized_view_in_api: `
    select n.nspname::text, c.relname::text, 'materialized view', null::text
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'm' and n.nspname = any ($1::text[]) and (${anyGrant('c.oid')})`,
  foreign_table_in_api: `
    select n.nspname::text, c.relname::text, 'foreign table', null::text
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'f' and n.nspname = any ($1::text[]) and (${anyGrant('c.oid')})`,
  no_primary_key: `
    select n.nspname::text, c.relname::text, 'table', null::text
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition and ${ofUsers('n.nspname')} and ${notOfExtension('pg_class', 'c.oid')}
      and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)`,
  unindexed_foreign_keys: `
    select n.nspname::text, c.relname::text, 'table', k.conname::text
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
    where k.contype = 'f' and k.conparentid = 0 and ${ofUsers('n.nspname')}
      and not exists (
        select from pg_index i
        where i.indrelid = k.conrelid and i.indpred is null
          and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)`,
} as const;
export type LintName = keyof typeof lintSql;

function ofUsers(schema: string): string {
  const platform =
    'auth, cron, extensions, graphql, graphql_public, information_schema, net, pgbouncer, pgmq, pgsodium, realtime, ' +
    'storage, supabase_functions, supabase_migrations, vault, _realtime, _analytics, _supavisor';
  const list = platform
    .split(', ')
    .map((name) => `'${name}'`)
    .join(', ');
  return `(${schema} not like 'pg\\_%' and ${schema} not in (${list}))`;
}

function notOfExtension(catalog: 'pg_class' | 'pg_proc', oid: string): string {
  return `not exists (
        select from pg_depend e where e.classid = '${catalog}'::regclass and e.objid = ${oid} and e.deptype = 'e')`;
}

/** Whether a client of the data API may read it. */
function anyGrant(oid: string): string {
  const read = (role: string) =>
    `exists (select from pg_roles r where r.rolname = '${role}' and has_table_privilege(r.oid, ${oid}, 'select'))`;
  return `${read('anon')} or ${read('authenticated')}`;
}
