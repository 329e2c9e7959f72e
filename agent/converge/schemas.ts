/** [schema, owner]. What exists keeps its owner: upstream's image and its services may have moved it. */
const schemas: [string, string][] = [
  ['extensions', 'postgres'],
  ['auth', 'supabase_admin'],
  ['storage', 'supabase_admin'],
  ['realtime', 'supabase_admin'],
  ['_realtime', 'supabase_admin'],
  ['graphql', 'supabase_admin'],
  ['graphql_public', 'supabase_admin'],
  ['vault', 'supabase_admin'],
];

const apiRoles = 'anon, authenticated, service_role';

/**
 * Schemas, who may use them, and what their owners' future objects grant.
 *
 * Not made on purpose: `supabase_functions` (its presence tells Studio that database webhooks work, which takes pg_net),
 * `supabase_migrations` (the CLI's own), and the contents of `vault`, which only the extension supabase_vault has.
 */
export const schemasSql = [
  ...schemas.map(schemaSql),
  `do $do$ begin
  execute format('grant all on database %I to postgres, dashboard_user', current_database());
  execute format('grant create on database %I to supabase_auth_admin', current_database());
  if (select datdba from pg_database where datname = current_database()) = 'supabase_admin'::regrole then
    execute format('alter database %I owner to postgres', current_database());
  end if;
end $do$;`,

  `grant usage on schema auth to postgres, ${apiRoles};`,
  'grant all on schema auth to supabase_auth_admin, dashboard_user;',

  `grant usage on schema storage to ${apiRoles};`,
  'grant usage on schema storage to postgres with grant option;',
  'grant all on schema storage to supabase_storage_admin, dashboard_user;',

  `grant usage on schema realtime to ${apiRoles};`,
  'grant usage on schema realtime to postgres with grant option;',
  'grant all on schema realtime to supabase_realtime_admin;',

  `grant usage on schema extensions to ${apiRoles};`,
  'grant all on schema extensions to dashboard_user;',

  `grant usage on schema graphql, graphql_public to ${apiRoles};`,
  'grant usage on schema graphql, graphql_public to postgres with grant option;',
  'grant usage on schema vault to postgres with grant option;',
  'grant usage on schema vault to service_role;',

  futureObjects('supabase_auth_admin', 'auth', 'postgres, dashboard_user'),
  futureObjects('postgres', 'storage', `postgres, ${apiRoles}`),
  futureObjects('supabase_storage_admin', 'storage', `postgres, ${apiRoles}`),
  futureObjects('supabase_admin', 'realtime', 'postgres, dashboard_user'),
  futureObjects('supabase_admin', 'graphql_public', `postgres, ${apiRoles}`),
  futureObjects('supabase_admin', 'extensions', 'postgres with grant option'),
].join('\n');

/**
 * What tables, functions and sequences made in `public` grant to the API roles. Run once in the life of a database: to
 * take these away is how people lock their API down, and no restart may give back what they took.
 */
export const publicGrantsSql = [
  `grant usage on schema public to postgres, ${apiRoles};`,
  futureObjects('postgres', 'public', `postgres, ${apiRoles}`),
  futureObjects('supabase_admin', 'public', `postgres, ${apiRoles}`),
].join('\n');

function schemaSql([schema, owner]: [string, string]): string {
  return `create schema if not exists ${schema} authorization ${owner};`;
}

function futureObjects(owner: string, schema: string, grantees: string): string {
  return ['tables', 'routines', 'sequences']
    .map(
      (kind) => `alter default privileges for role ${owner} in schema ${schema} grant all on ${kind} to ${grantees};`,
    )
    .join('\n');
}
