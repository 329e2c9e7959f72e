import type { ServicePart } from '../service-part.ts';
import { fromEnvironment } from '../values.ts';

type DbOptions = { settings: Record<string, string>; shmMiB: number };

/**
 * Postgres. The password it is given is the superuser's own; what users know reaches it as a verifier in the first-boot
 * file, and later through `converge`, so that another password restarts no database.
 */
export function db({ settings, shmMiB }: DbOptions): ServicePart {
  return {
    port: 5432,
    environment: {
      POSTGRES_HOST: '/var/run/postgresql',
      POSTGRES_PORT: '5432',
      POSTGRES_DB: 'postgres',
      POSTGRES_PASSWORD: fromEnvironment('DB_ADMIN_PASSWORD'),
      PGPORT: '5432',
      PGDATABASE: 'postgres',
      PGPASSWORD: fromEnvironment('DB_ADMIN_PASSWORD'),
    },
    command: [
      'postgres',
      '-c',
      'config_file=/etc/postgresql/postgresql.conf',
      // realtime polls, and would fill the log
      '-c',
      'log_min_messages=fatal',
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    mounts: [
      { kind: 'volume', name: 'db-data', target: '/var/lib/postgresql/data' },
      // holds the root key of Vault: without it no backup can be read
      { kind: 'volume', name: 'db-config', target: '/etc/postgresql-custom' },
      // sorts behind upstream's own migrations, which make the roles
      {
        kind: 'file',
        path: 'first-boot.sql',
        target: '/docker-entrypoint-initdb.d/zz-supafleet.sql',
        firstBoot: true,
      },
    ],
    // by TCP: during the first boot a temporary server answers on the Unix socket
    health: ['CMD', 'pg_isready', '-U', 'postgres', '-h', '127.0.0.1'],
    capabilities: 'usual',
    startSeconds: 180,
    stopGraceSeconds: 60,
    shmMiB,
  };
}
