import type { ServicePart } from '../service-part.ts';
import { fromEnvironment } from '../values.ts';

/** Realtime makes this tenant itself, and finds it again by the first label of the host name it is called by. */
const tenant = 'realtime-dev';

/** The `Host` that requests to realtime must carry. */
const realtimeHost = `${tenant}.supabase-realtime`;

/** Realtime. */
export function realtime(): ServicePart {
  return {
    port: 4000,
    environment: {
      PORT: '4000',
      DB_HOST: 'db',
      DB_PORT: '5432',
      DB_USER: 'supabase_admin',
      DB_PASSWORD: fromEnvironment('DB_ADMIN_PASSWORD'),
      DB_NAME: 'postgres',
      DB_AFTER_CONNECT_QUERY: 'SET search_path TO _realtime',
      DB_ENC_KEY: fromEnvironment('REALTIME_DB_ENC_KEY'),
      API_JWT_SECRET: fromEnvironment('JWT_SECRET'),
      API_JWT_JWKS: fromEnvironment('JWT_JWKS'),
      METRICS_JWT_SECRET: fromEnvironment('METRICS_JWT_SECRET'),
      SECRET_KEY_BASE: fromEnvironment('SECRET_KEY_BASE'),
      // for the health check
      ANON_KEY: fromEnvironment('ANON_KEY'),
      ERL_AFLAGS: '-proto_dist inet_tcp',
      DNS_NODES: "''",
      RLIMIT_NOFILE: '10000',
      APP_NAME: 'realtime',
      SEED_SELF_HOST: 'true',
      SELF_HOST_TENANT_NAME: tenant,
      RUN_JANITOR: 'true',
      DISABLE_HEALTHCHECK_LOGGING: 'true',
    },
    waitsFor: { db: 'healthy' },
    health: [
      'CMD-SHELL',
      `curl -sSfL --head -o /dev/null -H "Authorization: Bearer $$ANON_KEY" http://127.0.0.1:4000/api/tenants/${tenant}/health`,
    ],
    aliases: [realtimeHost],
    capabilities: 'usual',
    startSeconds: 180,
    openFiles: 10_000,
  };
}
