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

const api = ['anon', 'authenticated', 'service_role'];
const apiRoles = api.join(', ');

/** [schema, who, what]: `use` is usage, `own` usage and create, `lend` usage that may be handed on. */
const grants: [schema: string, grantees: string[], right: 'use' | 'own' | 'lend'][] = [
  ['auth', ['postgres', ...api], 'use'],
  ['auth', ['supabase_auth_admin', 'dashboard_user'], 'own'],
  ['storage', api, 'use'],
  ['storage', ['postgres'], 'lend'],
  ['storage', ['supabase_storage_admin', 'dashboard_user'], 'own'],
  ['realtime', api, 'use'],
  ['realtime', ['postgres'], 'lend'],
  ['realtime', ['supabase_realtime_admin'], 'own'],
  ['extensions', api, 'use'],
  ['extensions', ['dashboard_user'], 'own'],
  ['graphql', api, 'use'],
  ['graphql', ['postgres'], 'lend'],
  ['graphql_public', api, 'use'],
  ['graphql_public', ['postgres'], 'lend'],
  ['vault', ['postgres'], 'lend'],
  ['vault', ['service_role'], 'use'],
];

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

  missingGrants(),

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

/**
 * Grants what is missing and touches no schema otherwise: a service whose migrations grant on its schema at the same
 * moment would fail, as one of two updates of the same row does.
 */
function missingGrants(): string {
  const wanted = grants.flatMap(([schema, grantees, right]) =>
    grantees.flatMap((grantee) =>
      (right === 'own' ? ['USAGE', 'CREATE'] : ['USAGE']).map(
        (privilege) => `('${schema}', '${grantee}', '${privilege}', ${right === 'lend'})`,
      ),
    ),
  );
  return `do $do$
declare
  missing record;
begin
  for missing in
    select w.* from (values
      ${wanted.join(',\n      ')}
    ) as w(schema, grantee, privilege, lent)
    join pg_namespace n on n.nspname = w.schema
    where not exists (
      select from aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) held
      where held.grantee = w.grantee::regrole and held.privilege_type = w.privilege and (held.is_grantable or not w.lent)
    )
  loop
    execute format('grant %s on schema %I to %I', missing.privilege, missing.schema, missing.grantee)
      || case when missing.lent then ' with grant option' else '' end;
  end loop;
end $do$;`;
}

function futureObjects(owner: string, schema: string, grantees: string): string {
  return ['tables', 'routines', 'sequences']
    .map(
      (kind) => `alter default privileges for role ${owner} in schema ${schema} grant all on ${kind} to ${grantees};`,
    )
    .join('\n');
}
