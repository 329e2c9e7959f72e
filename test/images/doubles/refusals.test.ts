import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { analytics } from './program/analytics.ts';
import { auth } from './program/auth.ts';
import type { Double, Environment } from './program/double.ts';
import { imgproxy } from './program/imgproxy.ts';
import { realtime } from './program/realtime.ts';
import { storage } from './program/storage.ts';
import { supavisor } from './program/supavisor.ts';
import { vector } from './program/vector.ts';

const secret = 's'.repeat(32);
const { privateKey } = await generateKeyPair('ES256', { extractable: true });
const signer = { ...(await exportJWK(privateKey)), kid: 'k', key_ops: ['sign', 'verify'] };
const { d: _, ...half } = signer;
const shared = { kty: 'oct', k: Buffer.from(secret).toString('base64url'), key_ops: ['verify'] };
const keySet = JSON.stringify({ keys: [{ ...half, key_ops: ['verify'] }, shared] });

const token = (role: string, exp = '1h') =>
  new SignJWT({ role })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime(exp)
    .sign(new TextEncoder().encode(secret));

// nothing listens on port 1: an environment that is otherwise right is refused for its database
const nowhere = 'postgres://user:password@127.0.0.1:1/postgres';
const [anon, service, expired] = await Promise.all([token('anon'), token('service_role'), token('anon', '-1h')]);

const right: Record<string, Record<string, string>> = {
  auth: {
    GOTRUE_SITE_URL: 'http://localhost:3000',
    GOTRUE_DB_DRIVER: 'postgres',
    GOTRUE_API_HOST: '0.0.0.0',
    GOTRUE_API_PORT: '9999',
    GOTRUE_JWT_AUD: 'authenticated',
    GOTRUE_JWT_EXP: '3600',
    API_EXTERNAL_URL: 'http://localhost:8000/auth/v1',
    GOTRUE_JWT_SECRET: secret,
    GOTRUE_JWT_KEYS: JSON.stringify([signer, shared]),
    GOTRUE_DB_DATABASE_URL: nowhere,
  },
  storage: {
    TENANT_ID: 'ref',
    REGION: 'local',
    GLOBAL_S3_BUCKET: 'ref',
    POSTGREST_URL: 'http://rest:3000',
    AUTH_JWT_SECRET: secret,
    JWT_JWKS: keySet,
    ANON_KEY: anon,
    SERVICE_KEY: service,
    STORAGE_BACKEND: 'file',
    FILE_STORAGE_BACKEND_PATH: '/tmp',
    DATABASE_URL: nowhere,
  },
  realtime: {
    APP_NAME: 'realtime',
    DNS_NODES: "''",
    METRICS_JWT_SECRET: secret,
    DB_ENC_KEY: 'k'.repeat(16),
    SECRET_KEY_BASE: 'k'.repeat(64),
    API_JWT_SECRET: secret,
    API_JWT_JWKS: keySet,
    DB_HOST: '127.0.0.1',
    DB_PORT: '1',
    DB_USER: 'supabase_admin',
    DB_PASSWORD: 'password',
    DB_NAME: 'postgres',
    DB_AFTER_CONNECT_QUERY: 'set search_path to _realtime',
    PORT: '4000',
  },
  imgproxy: { IMGPROXY_BIND: ':5001', IMGPROXY_LOCAL_FILESYSTEM_ROOT: '/' },
  supavisor: {
    VAULT_ENC_KEY: 'k'.repeat(32),
    SECRET_KEY_BASE: 'k'.repeat(64),
    API_JWT_SECRET: secret,
    METRICS_JWT_SECRET: secret,
    REGION: 'local',
    CLUSTER_POSTGRES: 'true',
    PROXY_PORT_SESSION: '5432',
    PROXY_PORT_TRANSACTION: '6543',
    PORT: '4000',
    DATABASE_URL: nowhere.replace('postgres:', 'ecto:'),
  },
  analytics: {
    LOGFLARE_NODE_HOST: '127.0.0.1',
    LOGFLARE_SINGLE_TENANT: 'true',
    LOGFLARE_SUPABASE_MODE: 'true',
    LOGFLARE_PUBLIC_ACCESS_TOKEN: 'public',
    LOGFLARE_PRIVATE_ACCESS_TOKEN: 'private',
    DB_HOSTNAME: '127.0.0.1',
    DB_PORT: '1',
    DB_USERNAME: 'supabase_admin',
    DB_PASSWORD: 'password',
    DB_DATABASE: '_supabase',
    DB_SCHEMA: '_analytics',
    POSTGRES_BACKEND_URL: nowhere,
    POSTGRES_BACKEND_SCHEMA: '_analytics',
  },
  vector: { LOGFLARE_PUBLIC_ACCESS_TOKEN: 'public' },
};

const doubles: Record<string, Double> = { analytics, auth, imgproxy, realtime, storage, supavisor, vector };

function refusal(name: string, changes: Environment, args: string[] = []): Promise<string | null> {
  const double = doubles[name];
  if (double === undefined) throw new Error(`no double of ${name}`);
  return double.check({ ...right[name], ...changes }, args).then(
    () => null,
    (error: Error) => error.message,
  );
}

test.each([
  ['auth', 'GOTRUE_DB_DATABASE_URL leads to no usable database'],
  ['storage', 'DATABASE_URL leads to no usable database'],
  ['realtime', 'DB_HOST leads to no usable database'],
  ['supavisor', 'DATABASE_URL leads to no usable database'],
  ['analytics', 'DB_HOSTNAME leads to no usable database'],
])('%s takes the environment of a stack as far as its database, and asks that', async (name, message) => {
  expect(await refusal(name, {})).toContain(message);
});

test('imgproxy needs nobody else', async () => {
  expect(await refusal('imgproxy', {})).toBeNull();
});

test.each(
  Object.entries(right).flatMap(([name, environment]) =>
    Object.keys(environment)
      // without its set of keys a service runs on the shared secret alone, as upstream's do
      .filter((variable) => !['GOTRUE_JWT_KEYS', 'JWT_JWKS', 'API_JWT_JWKS'].includes(variable))
      // auth and storage know an older name
      .filter((variable) => variable !== 'AUTH_JWT_SECRET')
      .map((variable) => [name, variable] as const),
  ),
)('%s without %s ends and names it', async (name, variable) => {
  expect(await refusal(name, { [variable]: undefined })).toBe(`${variable} is missing`);
});

test.each([
  ['auth', 'GOTRUE_JWT_SECRET', 'short', /has 5 characters/],
  ['auth', 'API_EXTERNAL_URL', 'localhost', /not a URL|scheme/],
  ['auth', 'GOTRUE_JWT_KEYS', JSON.stringify([shared]), /no key that signs/],
  ['auth', 'GOTRUE_JWT_KEYS', JSON.stringify([signer, signer, shared]), /more than one/],
  ['auth', 'GOTRUE_JWT_KEYS', JSON.stringify([signer]), /does not hold GOTRUE_JWT_SECRET/],
  ['auth', 'GOTRUE_JWT_KEYS', JSON.stringify([{ ...signer, x: signer.y }, shared]), /halves do not fit/],
  ['auth', 'GOTRUE_JWT_KEYS', keySet, /not an array/],
  ['storage', 'ANON_KEY', service, /has not the role anon/],
  ['storage', 'ANON_KEY', expired, /expired/],
  ['storage', 'SERVICE_KEY', `${service.slice(0, -4)}AAAA`, /another secret/],
  ['storage', 'JWT_JWKS', JSON.stringify({ keys: [half] }), /does not hold AUTH_JWT_SECRET/],
  ['storage', 'JWT_JWKS', JSON.stringify({ keys: [signer, shared] }), /private key/],
  ['storage', 'FILE_STORAGE_BACKEND_PATH', '/nowhere', /no directory/],
  ['realtime', 'DB_ENC_KEY', 'k'.repeat(32), /needs exactly 16/],
  ['realtime', 'SECRET_KEY_BASE', 'k'.repeat(63), /needs 64 or more/],
  ['realtime', 'API_JWT_JWKS', '[]', /not a JWKS/],
  ['supavisor', 'VAULT_ENC_KEY', 'k'.repeat(31), /needs exactly 32/],
  ['supavisor', 'DATABASE_URL', 'http://db:5432', /scheme/],
  ['analytics', 'LOGFLARE_PRIVATE_ACCESS_TOKEN', 'public', /same as the public one/],
  ['imgproxy', 'IMGPROXY_BIND', 'localhost', /port/],
])('%s with a wrong %s ends and says why', async (name, variable, value, reason) => {
  const message = await refusal(name, { [variable]: value });
  expect(message).toContain(variable);
  expect(message).toMatch(reason);
  expect(message).not.toContain(secret);
});

test('vector without its file ends and names the option', async () => {
  expect(await refusal('vector', {}, ['--config', '/nowhere.yml'])).toContain('--config');
});
