import { createHmac } from 'node:crypto';
import type { StackService } from '../../../schema/stack-profiles.ts';
import type { LiveSpec } from '../../../schema/stack-spec.ts';
import { passwordVerifier } from '../../converge/password-verifier.ts';
import { passwordRoles } from '../../converge/roles.ts';
import { jwtExpirySeconds } from '../values.ts';

/**
 * What the image runs once, on an empty data directory, as the superuser, behind its own migrations: enough for every
 * service to start without the agent. The database user of the image must be able to read it, so it holds a verifier
 * instead of the password.
 */
export function firstBootSql(spec: LiveSpec, present: readonly StackService[]): string {
  return [
    '-- Written by supafleet-agent. Runs once, when the data directory is empty; later changes come from the agent.',
    passwordsSql(spec),
    `alter database postgres set "app.settings.jwt_exp" to '${jwtExpirySeconds}';`,
    present.includes('realtime') ? schemaSql('_realtime') : '',
    servicesSql(present),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

function passwordsSql({ ref, secrets }: LiveSpec): string {
  // the same for the same password, so that the file changes only with it
  const salt = createHmac('sha256', secrets.services.adminPassword)
    .update(`first boot of ${ref}`)
    .digest()
    .subarray(0, 16);
  const verifier = passwordVerifier(secrets.dbPassword, salt);
  return `do $do$
declare
  name text;
begin
  foreach name in array array['${passwordRoles.join("', '")}'] loop
    if to_regrole(name) is not null then
      execute format('alter role %I with password %L', name, '${verifier}');
    end if;
  end loop;
end $do$;`;
}

/** The pooler's and the logs' own database; a database cannot be made inside of a block. */
function servicesSql(present: readonly StackService[]): string {
  const schemas = [
    ...(present.includes('supavisor') ? ['_supavisor'] : []),
    ...(present.includes('analytics') ? ['_analytics'] : []),
  ];
  if (schemas.length === 0) return '';
  return [
    `select 'create database _supabase owner supabase_admin'
where not exists (select from pg_database where datname = '_supabase') \\gexec`,
    '\\connect _supabase',
    ...schemas.map(schemaSql),
    '\\connect postgres',
  ].join('\n');
}

function schemaSql(name: string): string {
  return `create schema if not exists ${name};\nalter schema ${name} owner to supabase_admin;`;
}
