import { usesSupautils } from './supautils.ts';

/**
 * A role as upstream's image has it. `attributes` are put right on every run, `initially` is given to a new role only:
 * there upstream's images differ. `settings` are first values: one that an operator changed stays changed.
 */
type Role = {
  name: string;
  attributes: string;
  initially?: string;
  settings?: Record<string, string>;
  canLogIn?: boolean;
};

const internal = { log_statement: 'none' };

const roles: Role[] = [
  {
    name: 'supabase_admin',
    attributes: 'superuser createdb createrole replication bypassrls inherit login',
    settings: { search_path: '"$user", public, auth, extensions', ...internal },
  },
  {
    name: 'postgres',
    attributes: 'nosuperuser createdb createrole replication bypassrls inherit login',
    settings: { search_path: '"$user", public, extensions' },
    canLogIn: true,
  },
  { name: 'anon', attributes: 'inherit nologin', settings: { statement_timeout: '3s' } },
  { name: 'authenticated', attributes: 'inherit nologin', settings: { statement_timeout: '8s' } },
  { name: 'service_role', attributes: 'bypassrls inherit nologin' },
  {
    name: 'authenticator',
    attributes: 'nosuperuser noinherit login',
    settings: { statement_timeout: '8s', lock_timeout: '8s' },
    canLogIn: true,
  },
  {
    name: 'supabase_auth_admin',
    attributes: 'nosuperuser noinherit nocreaterole noreplication login',
    settings: { search_path: 'auth', idle_in_transaction_session_timeout: '60000', ...internal },
    canLogIn: true,
  },
  {
    name: 'supabase_storage_admin',
    attributes: 'nosuperuser noinherit createrole noreplication login',
    settings: { search_path: 'storage', ...internal },
    canLogIn: true,
  },
  {
    name: 'supabase_functions_admin',
    attributes: 'nosuperuser noinherit createrole noreplication login',
    settings: { search_path: 'supabase_functions', ...internal },
    canLogIn: true,
  },
  {
    name: 'supabase_replication_admin',
    attributes: 'nosuperuser replication login',
    settings: internal,
    canLogIn: true,
  },
  {
    name: 'supabase_read_only_user',
    attributes: 'nosuperuser bypassrls login',
    // large objects and temporary tables are open to everybody otherwise
    settings: { default_transaction_read_only: 'on', ...internal },
    canLogIn: true,
  },
  { name: 'pgbouncer', attributes: 'nosuperuser login', initially: 'noinherit', canLogIn: true },
  { name: 'supabase_realtime_admin', attributes: 'nosuperuser noinherit', initially: 'noreplication nologin' },
  { name: 'dashboard_user', attributes: 'nosuperuser createdb createrole replication nologin' },
];

/** The bootstrap superuser: its password is its own. */
export const superuser = 'supabase_admin';

/** Roles that log in with the project's database password. */
export const passwordRoles = roles.filter((role) => role.canLogIn).map((role) => role.name);

/** Roles that do so in some of upstream's images and cannot log in elsewhere. */
export const passwordRolesByImage = ['supabase_realtime_admin'];

/**
 * [granted role, member, options]. Options are spelled out: a member without INHERIT would silently lose rights.
 * Upstream also gives `postgres` pg_read_all_data, and with it the password verifiers in pg_authid; here it has grants on
 * all it needs to read.
 */
const memberships: [string, string, string][] = [
  ['anon', 'authenticator', 'inherit false, set true'],
  ['authenticated', 'authenticator', 'inherit false, set true'],
  ['service_role', 'authenticator', 'inherit false, set true'],
  ['authenticator', 'supabase_storage_admin', 'inherit false, set true'],
  ['anon', 'postgres', 'admin true, inherit true, set true'],
  ['authenticated', 'postgres', 'admin true, inherit true, set true'],
  ['service_role', 'postgres', 'admin true, inherit true, set true'],
  ['pg_monitor', 'postgres', 'inherit true, set true'],
  ['pg_signal_backend', 'postgres', 'inherit true, set true'],
  ['pg_create_subscription', 'postgres', 'inherit true, set true'],
  ['pg_read_all_data', 'supabase_read_only_user', 'inherit true, set true'],
];

/**
 * Whose tables `postgres` puts policies on and drops triggers of. With supautils upstream lists those tables in its
 * configuration; plain Postgres asks for the owner's rights, so there `postgres` inherits them. It cannot `set role` to
 * the owners, so nothing it makes ends up theirs. To configure PostgREST people say `alter role authenticator set pgrst.…`,
 * which takes the admin option and no more.
 */
const tableOwners = ['supabase_auth_admin', 'supabase_storage_admin', 'supabase_realtime_admin'];

/** Makes every role of a Supabase database, what each is a member of, and its settings; in this order, as often as one likes. */
export const rolesSql = [
  ...roles.map(roleSql),
  ...memberships.map(membershipSql),
  `do $do$ begin
  if not (${usesSupautils}) then
    grant authenticator to postgres with admin true, inherit false, set false;
    -- what pg_roles shows anyway: reports on queries join this table to name whose they are
    grant select (oid, rolname) on pg_catalog.pg_authid to postgres;
    ${tableOwners.map((owner) => `grant ${owner} to postgres with inherit true, set false, admin false;`).join('\n    ')}
  end if;
end $do$;`,
].join('\n');

function roleSql(role: Role): string {
  const settings = Object.entries(role.settings ?? {}).map(
    ([name, value]) => `
  if not exists (
    select from pg_db_role_setting s, unnest(s.setconfig) c
    where s.setrole = '${role.name}'::regrole and s.setdatabase = 0 and split_part(c, '=', 1) = '${name}'
  ) then
    alter role ${role.name} set ${name} = ${name === 'search_path' ? value : `'${value}'`};
  end if;`,
  );
  return `do $do$ begin
  if to_regrole('${role.name}') is null then
    create role ${role.name} ${role.initially ?? ''};
  end if;
  alter role ${role.name} ${role.attributes};${settings.join('')}
end $do$;`;
}

function membershipSql([granted, member, options]: [string, string, string]): string {
  return `grant ${granted} to ${member} with ${options};`;
}
