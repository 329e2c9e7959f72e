import type { ServicePart } from '../service-part.ts';
import { fromEnvironment, jwtExpirySeconds } from '../values.ts';

/** The data API (PostgREST). The signing secret is not among the settings that SQL can read. */
export function rest(): ServicePart {
  return {
    port: 3000,
    environment: {
      PGRST_DB_URI: `postgres://authenticator:${fromEnvironment('DB_PASSWORD_IN_URL')}@db:5432/postgres`,
      PGRST_DB_SCHEMAS: fromEnvironment('PGRST_DB_SCHEMAS'),
      PGRST_DB_EXTRA_SEARCH_PATH: fromEnvironment('PGRST_DB_EXTRA_SEARCH_PATH'),
      PGRST_DB_MAX_ROWS: fromEnvironment('PGRST_DB_MAX_ROWS'),
      PGRST_DB_ANON_ROLE: 'anon',
      PGRST_DB_USE_LEGACY_GUCS: 'false',
      PGRST_JWT_SECRET: fromEnvironment('JWT_JWKS'),
      PGRST_APP_SETTINGS_JWT_EXP: String(jwtExpirySeconds),
      PGRST_ADMIN_SERVER_HOST: 'localhost',
      PGRST_ADMIN_SERVER_PORT: '3001',
    },
    command: ['postgrest'],
    waitsFor: { db: 'healthy' },
    // the image has no shell and no HTTP client
    health: ['CMD', 'postgrest', '--ready'],
    capabilities: 'none',
  };
}
