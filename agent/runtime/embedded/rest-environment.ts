import { type LiveSpec, portOffsets } from '../../../schema/stack-spec.ts';

/** PostgREST's whole configuration as environment variables: nothing of it appears in an argument or a file. */
export function restEnvironment(spec: LiveSpec, socketDirectory: string): Record<string, string> {
  return {
    PGRST_DB_URI: authenticatorUri(spec, socketDirectory),
    PGRST_DB_SCHEMAS: spec.rest.schemas.join(','),
    PGRST_DB_EXTRA_SEARCH_PATH: spec.rest.extraSearchPath.join(','),
    PGRST_DB_MAX_ROWS: String(spec.rest.maxRows),
    PGRST_DB_ANON_ROLE: 'anon',
    PGRST_DB_USE_LEGACY_GUCS: 'false',
    PGRST_DB_POOL: '10',
    PGRST_DB_POOL_MAX_IDLETIME: '30',
    PGRST_DB_POOL_ACQUISITION_TIMEOUT: '10',
    PGRST_JWT_SECRET: JSON.stringify({ keys: verificationKeys(spec) }),
    PGRST_SERVER_HOST: '127.0.0.1',
    PGRST_SERVER_PORT: String(spec.firstPort + portOffsets.rest),
    PGRST_ADMIN_SERVER_PORT: String(spec.firstPort + portOffsets.restAdmin),
    PGRST_LOG_LEVEL: 'error',
  };
}

function authenticatorUri(spec: LiveSpec, socketDirectory: string): string {
  const port = spec.firstPort + portOffsets.postgres;
  // libpq takes %20 for a space, not the + of a web form
  const host = encodeURIComponent(socketDirectory);
  return `postgresql://authenticator:${encodeURIComponent(spec.secrets.dbPassword)}@/postgres?host=${host}&port=${port}`;
}

/** Tokens of either kind are accepted: ES256 by the public key, HS256 by the shared secret. */
function verificationKeys({ secrets }: LiveSpec): Record<string, unknown>[] {
  const { kty, crv, x, y, kid, alg } = secrets.signingKey;
  const shared = Buffer.from(secrets.jwtSecret, 'utf8').toString('base64url');
  return [
    { kty, crv, x, y, kid, alg, use: 'sig', key_ops: ['verify'] },
    { kty: 'oct', k: shared, alg: 'HS256', use: 'sig', key_ops: ['verify'] },
  ];
}
