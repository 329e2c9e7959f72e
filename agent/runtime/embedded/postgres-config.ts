import { clusterSettings, hostBasedAccess, identMapping } from '../../converge/bootstrap.ts';

type PostgresConfigOptions = {
  /** null: no TCP at all, the socket only */
  port: number | null;
  socketDirectory: string;
  /** directory the three files are put into */
  directory: string;
  /** the system user that may act as the superuser over the socket */
  agentUser: string;
};

/** The texts of a small project's configuration files, by file name. They hold no secret. */
export function postgresConfig(options: PostgresConfigOptions): Record<string, string> {
  const settings = [
    ...clusterSettings,
    ...smallHostSettings,
    `listen_addresses = '${options.port === null ? '' : '127.0.0.1'}'`,
    `port = ${options.port ?? templatePort}`,
    `unix_socket_directories = ${quote(options.socketDirectory)}`,
    `hba_file = ${quote(`${options.directory}/pg_hba.conf`)}`,
    `ident_file = ${quote(`${options.directory}/pg_ident.conf`)}`,
  ];
  return {
    'postgresql.conf': lines(settings),
    'pg_hba.conf': lines(hostBasedAccess),
    'pg_ident.conf': lines(identMapping(options.agentUser)),
  };
}

/** Names the socket of a cluster without TCP. */
export const templatePort = 5432;

/** Later lines win: these come after what converge asks for. Idle cost first, durability untouched. */
const smallHostSettings = [
  'max_connections = 60',
  'superuser_reserved_connections = 3',
  "shared_buffers = '24MB'",
  "work_mem = '2MB'",
  "maintenance_work_mem = '32MB'",
  "effective_cache_size = '256MB'",
  "wal_buffers = '1MB'",
  "min_wal_size = '16MB'",
  "max_wal_size = '256MB'",
  "max_slot_wal_keep_size = '512MB'",
  'max_wal_senders = 5',
  'max_replication_slots = 5',
  'max_worker_processes = 6',
  'max_parallel_workers = 2',
  'autovacuum_max_workers = 2',
  // After a crash, one call per file system instead of one per file.
  "recovery_init_sync_method = 'syncfs'",
  'jit = off',
  'huge_pages = off',
  'unix_socket_permissions = 0777',
  // A client that went away takes its query with it.
  "client_connection_check_interval = '5s'",
  // Neither a statement nor its values reach the log: they may hold passwords.
  'log_min_error_statement = panic',
  'log_min_duration_statement = -1',
  'log_parameter_max_length = 0',
  'log_parameter_max_length_on_error = 0',
  'log_checkpoints = off',
  "log_line_prefix = '%m [%p] '",
];

function quote(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function lines(texts: readonly string[]): string {
  return `${texts.join('\n')}\n`;
}
