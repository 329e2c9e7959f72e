/**
 * How a bare cluster is made and run so that `converge` can turn it into a Supabase database. The bootstrap superuser is
 * `supabase_admin`, as in upstream's image; `postgres` is made by `converge` and is no superuser.
 */

/** Arguments of `initdb`, after `-D <directory>`. ICU with en_US sorts as upstream's image does. */
export const initdbArguments = [
  '--username=supabase_admin',
  '--encoding=UTF8',
  '--locale=C.UTF-8',
  '--locale-provider=icu',
  '--icu-locale=en-US',
  '--auth=reject',
  '--no-instructions',
] as const;

/** Lines of postgresql.conf that converge relies on or that make clients see what upstream's image shows. */
export const clusterSettings = [
  'wal_level = logical',
  'max_wal_senders = 10',
  'max_replication_slots = 10',
  'password_encryption = scram-sha-256',
  "shared_preload_libraries = 'pg_stat_statements'",
  'pg_stat_statements.max = 1000',
  'log_statement = none',
  "timezone = 'UTC'",
  "log_timezone = 'UTC'",
] as const;

/** Name of the map in pg_ident.conf that lets the agent in as the superuser without a password. */
const identMap = 'supafleet';

/**
 * Lines of pg_hba.conf. The superuser gets in over the Unix socket only, and only as the system user the agent runs as:
 * the project's password, which users know, opens no superuser session, and a changed password locks no agent out.
 */
export const hostBasedAccess = [
  `local all supabase_admin peer map=${identMap}`,
  'local all supabase_admin reject',
  'local all all scram-sha-256',
  'host all supabase_admin all reject',
  'host all all 127.0.0.1/32 scram-sha-256',
  'host all all ::1/128 scram-sha-256',
] as const;

/** Lines of pg_ident.conf for an agent that runs as this system user. */
export function identMapping(systemUser: string): string[] {
  return [`${identMap} "${systemUser.replaceAll('"', '""')}" supabase_admin`];
}
