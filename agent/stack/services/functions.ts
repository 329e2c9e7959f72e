import type { ServicePart } from '../service-part.ts';
import { fromEnvironment } from '../values.ts';

/** Edge functions (edge-runtime). `functions/main` is ours, everything beside it is the project's. */
export function functions(): ServicePart {
  return {
    port: 9000,
    environment: {
      JWT_SECRET: fromEnvironment('JWT_SECRET'),
      SUPABASE_JWKS: fromEnvironment('JWT_JWKS'),
      SUPABASE_URL: 'http://api-gw:8000',
      SUPABASE_PUBLIC_URL: fromEnvironment('SUPABASE_PUBLIC_URL'),
      SUPABASE_ANON_KEY: fromEnvironment('ANON_KEY'),
      SUPABASE_SERVICE_ROLE_KEY: fromEnvironment('SERVICE_ROLE_KEY'),
      SUPABASE_PUBLISHABLE_KEYS: fromEnvironment('SUPABASE_PUBLISHABLE_KEYS'),
      SUPABASE_SECRET_KEYS: fromEnvironment('SUPABASE_SECRET_KEYS'),
      SUPABASE_DB_URL: `postgresql://postgres:${fromEnvironment('DB_PASSWORD_IN_URL')}@db:5432/postgres`,
      VERIFY_JWT: 'false',
    },
    command: ['start', '--main-service', '/home/deno/functions/main'],
    mounts: [
      {
        kind: 'directory',
        path: 'functions',
        target: '/home/deno/functions',
        rendered: ['functions/main/index.ts'],
      },
      { kind: 'volume', name: 'deno-cache', target: '/root/.cache/deno' },
    ],
    // the image has no HTTP client
    health: ['CMD', 'bash', '-c', '</dev/tcp/127.0.0.1/9000'],
    capabilities: 'usual',
    init: true,
  };
}
