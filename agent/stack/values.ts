import type { LiveSpec } from '../../schema/stack-spec.ts';
import { RuntimeFailure } from '../runtime-failure.ts';
import { isText } from './environment-file.ts';
import { signingKeys, verificationKeys } from './json-web-keys.ts';
import { publicUrl } from './public-url.ts';
import type { StackHost } from './stack-host.ts';

/** Seconds a session token lives. */
export const jwtExpirySeconds = 3600;

/** Everything that differs between two stacks of one release, profile and size: what `.env` holds, by name. */
export function stackValues(spec: LiveSpec, host: StackHost) {
  const { secrets, rest } = spec;
  const { services } = secrets;
  const url = publicUrl(spec.ref, spec.firstPort, host);
  return {
    SUPABASE_PUBLIC_URL: url,
    API_EXTERNAL_URL: `${url}/auth/v1`,
    PGRST_DB_SCHEMAS: rest.schemas.join(','),
    PGRST_DB_EXTRA_SEARCH_PATH: rest.extraSearchPath.join(','),
    PGRST_DB_MAX_ROWS: String(rest.maxRows),
    DB_PASSWORD: secrets.dbPassword,
    DB_PASSWORD_IN_URL: inUrl(secrets.dbPassword),
    DB_ADMIN_PASSWORD: services.adminPassword,
    JWT_SECRET: secrets.jwtSecret,
    JWT_KEYS: JSON.stringify(signingKeys(secrets)),
    JWT_JWKS: JSON.stringify({ keys: verificationKeys(secrets) }),
    ANON_KEY: secrets.anonKey,
    SERVICE_ROLE_KEY: secrets.serviceRoleKey,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify(namedKeys(spec, 'publishable')),
    SUPABASE_SECRET_KEYS: JSON.stringify(namedKeys(spec, 'secret')),
    SECRET_KEY_BASE: services.secretKeyBase,
    REALTIME_DB_ENC_KEY: services.realtimeEncryptionKey,
    VAULT_ENC_KEY: services.poolerEncryptionKey,
    METRICS_JWT_SECRET: services.metricsJwtSecret,
    S3_PROTOCOL_ACCESS_KEY_ID: services.s3AccessKeyId,
    S3_PROTOCOL_ACCESS_KEY_SECRET: services.s3SecretAccessKey,
    LOGFLARE_PUBLIC_ACCESS_TOKEN: services.logflarePublicToken,
    LOGFLARE_PRIVATE_ACCESS_TOKEN: services.logflarePrivateToken,
  };
}

export type StackValues = ReturnType<typeof stackValues>;

/** How a compose file refers to a value of `.env`. */
export function fromEnvironment(name: keyof StackValues): string {
  return `\${${name}}`;
}

function inUrl(password: string): string {
  if (!isText(password))
    throw new RuntimeFailure('The database password holds a character that no container can be given');
  return encodeURIComponent(password);
}

/** `{"default": "sb_secret_…"}`, as functions read it on the platform. */
function namedKeys({ secrets }: LiveSpec, type: 'publishable' | 'secret'): Record<string, string> {
  return Object.fromEntries(secrets.apiKeys.filter((key) => key.type === type).map(({ name, key }) => [name, key]));
}
