import type { ServicePart } from '../service-part.ts';
import { fromEnvironment } from '../values.ts';

type SupavisorOptions = { ref: string; poolSize: number; maxClients: number };

/** Ports of the pooler: its API, and where Postgres clients connect. */
const poolerPorts = { api: 4000, session: 5432, transaction: 6543 } as const;

/** The pooler (Supavisor). Its one tenant is the project, so users log in as `postgres.<ref>`. */
export function supavisor({ ref, poolSize, maxClients }: SupavisorOptions): ServicePart {
  return {
    port: poolerPorts.api,
    environment: {
      PORT: String(poolerPorts.api),
      PROXY_PORT_SESSION: String(poolerPorts.session),
      PROXY_PORT_TRANSACTION: String(poolerPorts.transaction),
      POSTGRES_HOST: 'db',
      POSTGRES_PORT: '5432',
      POSTGRES_DB: 'postgres',
      POSTGRES_PASSWORD: fromEnvironment('DB_PASSWORD'),
      DATABASE_URL: `ecto://supabase_admin:${fromEnvironment('DB_ADMIN_PASSWORD')}@db:5432/_supabase`,
      CLUSTER_POSTGRES: 'true',
      SECRET_KEY_BASE: fromEnvironment('SECRET_KEY_BASE'),
      VAULT_ENC_KEY: fromEnvironment('VAULT_ENC_KEY'),
      API_JWT_SECRET: fromEnvironment('JWT_SECRET'),
      METRICS_JWT_SECRET: fromEnvironment('METRICS_JWT_SECRET'),
      REGION: 'local',
      ERL_AFLAGS: '-proto_dist inet_tcp',
      POOLER_TENANT_ID: ref,
      POOLER_DEFAULT_POOL_SIZE: String(poolSize),
      POOLER_MAX_CLIENT_CONN: String(maxClients),
      POOLER_POOL_MODE: 'transaction',
      DB_POOL_SIZE: '5',
    },
    command: [
      '/bin/sh',
      '-c',
      '/app/bin/migrate && /app/bin/supavisor eval "$$(cat /etc/pooler/pooler.exs)" && exec /app/bin/server',
    ],
    mounts: [{ kind: 'file', path: 'pooler.exs', target: '/etc/pooler/pooler.exs' }],
    waitsFor: { db: 'healthy' },
    health: ['CMD', 'curl', '-sSfL', '--head', '-o', '/dev/null', 'http://127.0.0.1:4000/api/health'],
    capabilities: 'usual',
    startSeconds: 180,
    openFiles: 10_000,
  };
}
