import { base64url, importJWK, SignJWT } from 'jose';
import { type SigningKey, type StackSecrets, signingKey } from '../../schema/stack-spec.ts';
import { generateSigningKey } from '../auth/session-tokens.ts';
import type { Random } from '../deps.ts';
import { newServiceSecrets } from './service-secrets.ts';

const tenYearsInSeconds = 10 * 365 * 24 * 3600;
type DataRole = 'anon' | 'service_role';

/** The secrets a project starts with. `dbPassword` null: one is made. */
export async function newSecrets(
  project: { ref: string; dbPassword: string | null },
  random: Random,
  nowMs: number,
): Promise<Omit<StackSecrets, 'apiKeys'>> {
  const jwtSecret = base64url.encode(random.bytes(48));
  const key = signingKey.parse(await generateSigningKey(random.uuid()));
  const at = { ref: project.ref, issuedAt: Math.floor(nowMs / 1000) };
  const [anonKey, serviceRoleKey, anonKeyAsymmetric, serviceRoleKeyAsymmetric] = await Promise.all([
    sharedKeyToken(jwtSecret, { ...at, role: 'anon' }),
    sharedKeyToken(jwtSecret, { ...at, role: 'service_role' }),
    signingKeyToken(key, { ...at, role: 'anon' }),
    signingKeyToken(key, { ...at, role: 'service_role' }),
  ]);
  return {
    dbPassword: project.dbPassword ?? hex(random.bytes(16)),
    jwtSecret,
    signingKey: key,
    anonKey,
    serviceRoleKey,
    anonKeyAsymmetric,
    serviceRoleKeyAsymmetric,
    services: newServiceSecrets(random),
  };
}

type Claims = { ref: string; role: DataRole; issuedAt: number };

function sharedKeyToken(jwtSecret: string, claims: Claims): Promise<string> {
  return token(claims).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(new TextEncoder().encode(jwtSecret));
}

async function signingKeyToken(key: SigningKey, claims: Claims): Promise<string> {
  return token(claims)
    .setProtectedHeader({ alg: 'ES256', kid: key.kid, typ: 'JWT' })
    .sign(await importJWK(key, 'ES256'));
}

function token({ ref, role, issuedAt }: Claims): SignJWT {
  return new SignJWT({ iss: 'supabase', ref, role, iat: issuedAt, exp: issuedAt + tenYearsInSeconds });
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
