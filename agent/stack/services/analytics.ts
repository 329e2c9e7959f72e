import type { ServicePart } from '../service-part.ts';
import { fromEnvironment } from '../values.ts';

/** Logs (Logflare), kept in the project's own Postgres. */
export function analytics(): ServicePart {
  const password = fromEnvironment('DB_ADMIN_PASSWORD');
  return {
    port: 4000,
    environment: {
      LOGFLARE_NODE_HOST: '127.0.0.1',
      DB_USERNAME: 'supabase_admin',
      DB_DATABASE: '_supabase',
      DB_HOSTNAME: 'db',
      DB_PORT: '5432',
      DB_PASSWORD: password,
      DB_SCHEMA: '_analytics',
      LOGFLARE_SINGLE_TENANT: 'true',
      LOGFLARE_SUPABASE_MODE: 'true',
      LOGFLARE_PUBLIC_ACCESS_TOKEN: fromEnvironment('LOGFLARE_PUBLIC_ACCESS_TOKEN'),
      LOGFLARE_PRIVATE_ACCESS_TOKEN: fromEnvironment('LOGFLARE_PRIVATE_ACCESS_TOKEN'),
      LOGFLARE_FEATURE_FLAG_OVERRIDE: 'multibackend=true',
      POSTGRES_BACKEND_URL: `postgresql://supabase_admin:${password}@db:5432/_supabase`,
      POSTGRES_BACKEND_SCHEMA: '_analytics',
    },
    waitsFor: { db: 'healthy' },
    health: ['CMD-SHELL', 'curl -sSfL -o /dev/null http://127.0.0.1:4000/health'],
    capabilities: 'usual',
    startSeconds: 180,
  };
}
