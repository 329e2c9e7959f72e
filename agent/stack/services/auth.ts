import type { ServicePart } from '../service-part.ts';
import { fromEnvironment, jwtExpirySeconds } from '../values.ts';

/** Auth (GoTrue). No mail server is named, so it sends none; phone and anonymous sign-ins are off, as on the platform. */
export function auth(): ServicePart {
  const verifyPath = '/auth/v1/verify';
  return {
    port: 9999,
    environment: {
      GOTRUE_API_HOST: '0.0.0.0',
      GOTRUE_API_PORT: '9999',
      API_EXTERNAL_URL: fromEnvironment('API_EXTERNAL_URL'),
      GOTRUE_DB_DRIVER: 'postgres',
      GOTRUE_DB_DATABASE_URL: `postgres://supabase_auth_admin:${fromEnvironment('DB_PASSWORD_IN_URL')}@db:5432/postgres`,
      GOTRUE_SITE_URL: 'http://localhost:3000',
      GOTRUE_URI_ALLOW_LIST: '',
      GOTRUE_DISABLE_SIGNUP: 'false',
      GOTRUE_JWT_ADMIN_ROLES: 'service_role',
      GOTRUE_JWT_AUD: 'authenticated',
      GOTRUE_JWT_DEFAULT_GROUP_NAME: 'authenticated',
      GOTRUE_JWT_EXP: String(jwtExpirySeconds),
      GOTRUE_JWT_ISSUER: fromEnvironment('API_EXTERNAL_URL'),
      GOTRUE_JWT_SECRET: fromEnvironment('JWT_SECRET'),
      GOTRUE_JWT_KEYS: fromEnvironment('JWT_KEYS'),
      GOTRUE_EXTERNAL_EMAIL_ENABLED: 'true',
      GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'false',
      GOTRUE_EXTERNAL_PHONE_ENABLED: 'false',
      GOTRUE_SMS_AUTOCONFIRM: 'false',
      GOTRUE_MAILER_AUTOCONFIRM: 'false',
      GOTRUE_MAILER_URLPATHS_INVITE: verifyPath,
      GOTRUE_MAILER_URLPATHS_CONFIRMATION: verifyPath,
      GOTRUE_MAILER_URLPATHS_RECOVERY: verifyPath,
      GOTRUE_MAILER_URLPATHS_EMAIL_CHANGE: verifyPath,
    },
    waitsFor: { db: 'healthy' },
    health: ['CMD', 'wget', '--no-verbose', '--tries=1', '--spider', 'http://127.0.0.1:9999/health'],
    capabilities: 'none',
  };
}
