import { asRole, createMissing, restoreDefaults, restoreOwner, restoreRowSecurity } from '../service-table.ts';
import { authFunctions, authFunctionsSql } from './functions.ts';
import { initialAuthTables, instancesTable, schemaMigrationsTable } from './initial.ts';
import { mfaTables } from './mfa-tables.ts';
import { recordMigrations } from './migrations.ts';
import { oauthTables } from './oauth-tables.ts';
import { sessionTables } from './session-tables.ts';
import { ssoTables } from './sso-tables.ts';
import { userTables } from './user-tables.ts';

const owner = 'supabase_auth_admin';

const enums: [name: string, values: string[]][] = [
  ['aal_level', ['aal1', 'aal2', 'aal3']],
  ['code_challenge_method', ['s256', 'plain']],
  ['factor_status', ['unverified', 'verified']],
  ['factor_type', ['totp', 'webauthn', 'phone']],
  ['oauth_authorization_status', ['pending', 'approved', 'denied', 'expired']],
  ['oauth_client_type', ['public', 'confidential']],
  ['oauth_registration_type', ['dynamic', 'manual']],
  ['oauth_response_type', ['code']],
  [
    'one_time_token_type',
    [
      'confirmation_token',
      'reauthentication_token',
      'recovery_token',
      'email_change_token_new',
      'email_change_token_current',
      'phone_change_token',
    ],
  ],
];

const tables = [
  instancesTable,
  { ...schemaMigrationsTable, sql: `${schemaMigrationsTable.sql}\n${recordMigrations}` },
  ...userTables,
  ...oauthTables,
  ...sessionTables,
  ...mfaTables,
  ...ssoTables,
];
const tableNames = tables.map((table) => table.name);

/** The service turns row level security on for these; for what came later it does not. */
const withRowSecurity = tableNames.filter((name) => !/\.(oauth|custom_oauth|webauthn)_/.test(name));

/**
 * The `auth` schema.
 *
 * Where the auth service runs, its migrations make the schema: only what upstream's image has before the service's first
 * start is made here, where it is missing, and nothing that exists is touched.
 *
 * Where no auth service runs, applications refer to its tables all the same. They are made in the shape the service's
 * migrations end in, and those migrations are recorded as applied, so that a service started later goes on from there.
 */
export function authSql(options: { hasService: boolean }): string {
  if (options.hasService)
    return asRole(owner, [createMissing(initialAuthTables), authFunctionsSql('missing')].join('\n'));
  return [
    restoreOwner(owner, { tables: tableNames, functions: authFunctions }),
    asRole(
      owner,
      [
        enums.map(enumSql).join('\n'),
        createMissing(tables),
        authFunctionsSql('all'),
        `grant all on ${tableNames.join(', ')} to postgres, dashboard_user;`,
        `grant select on ${withRowSecurity.join(', ')} to postgres with grant option;`,
        'grant all on sequence auth.refresh_tokens_id_seq to postgres, dashboard_user;',
      ].join('\n'),
    ),
    restoreRowSecurity(withRowSecurity),
    restoreDefaults([
      ['auth.users', 'is_sso_user', 'false'],
      ['auth.users', 'is_anonymous', 'false'],
      ['auth.users', 'email_change_confirm_status', '0'],
      ['auth.users', 'email_change_token_current', "''::varchar"],
      ['auth.users', 'phone_change', "''::varchar"],
      ['auth.users', 'phone_change_token', "''::varchar"],
      ['auth.users', 'reauthentication_token', "''::varchar"],
      ['auth.identities', 'id', 'gen_random_uuid()'],
      ['auth.audit_log_entries', 'ip_address', "''::varchar"],
    ]),
  ].join('\n');
}

function enumSql([name, values]: [string, string[]]): string {
  return `do $do$ begin if to_regtype('auth.${name}') is null then
  create type auth.${name} as enum (${values.map((value) => `'${value}'`).join(', ')});
end if; end $do$;`;
}
