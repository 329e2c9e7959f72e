import { createLocalJWKSet, importJWK, type JWK, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { type Environment, Misconfigured } from './double.ts';
import { json, ofLength, required } from './variables.ts';

const jwk = z.custom<JWK>((value) => z.looseObject({ kty: z.string() }).safeParse(value).success);
const signingKey = z.custom<JWK & { key_ops: string[] }>(
  (value) => z.looseObject({ kty: z.string(), key_ops: z.array(z.string()).min(1) }).safeParse(value).success,
);

/** A token's claims when the secret or one of the keys signed it and it is valid now; null when not. */
export async function verified(token: string, secret: string, keys: JWK[]): Promise<Record<string, unknown> | null> {
  const shared = await jwtVerify(token, new TextEncoder().encode(secret), { algorithms: ['HS256'] }).catch(() => null);
  if (shared !== null) return shared.payload;
  const keySet = createLocalJWKSet({ keys: keys.filter(({ kty }) => kty === 'EC') });
  const asymmetric = await jwtVerify(token, keySet, { algorithms: ['ES256'] }).catch(() => null);
  return asymmetric?.payload ?? null;
}

/** The keys of a variable that holds a JWKS; they must hold the secret as well, or tokens of one kind were refused. */
export function keySet(env: Environment, name: string, secretName: string): JWK[] {
  const parsed = z.object({ keys: z.array(jwk).min(1) }).safeParse(json(env, name));
  if (!parsed.success) throw new Misconfigured(`${name} is not a JWKS: {"keys": [...]}`);
  requireSecretAmong(parsed.data.keys, name, required(env, secretName), secretName);
  if (parsed.data.keys.some((key) => 'd' in key)) throw new Misconfigured(`${name} holds a private key`);
  return parsed.data.keys;
}

/** The keys of auth: an array with exactly one that signs, whose public half verifies what it signed. */
export async function authKeys(env: Environment, name: string, secretName: string): Promise<JWK[]> {
  const parsed = z.array(signingKey).min(1).safeParse(json(env, name));
  if (!parsed.success) throw new Misconfigured(`${name} is not an array of JWKs with key_ops`);
  const [signer, ...others] = parsed.data.filter(({ key_ops }) => key_ops.includes('sign'));
  if (signer === undefined) throw new Misconfigured(`${name} has no key that signs`);
  if (others.length > 0) throw new Misconfigured(`${name} has more than one key that signs`);
  requireSecretAmong(parsed.data, name, ofLength(env, secretName, { atLeast: 32 }), secretName);
  await requireSound(signer, name);
  return parsed.data;
}

/** What the world may see of keys: of those with two halves, the public one. */
export function publicHalves(keys: JWK[]): JWK[] {
  return keys
    .filter(({ kty }) => kty === 'EC')
    .map(({ kty, crv, x, y, kid, alg, use }) => ({ kty, crv, x, y, kid, alg, use, key_ops: ['verify'] }) as JWK);
}

/** Rejects with a Misconfigured when a key is no valid token of that role. */
export async function requireRole(env: Environment, name: string, role: string, secret: string, keys: JWK[]) {
  const claims = await verified(required(env, name), secret, keys);
  if (claims === null) throw new Misconfigured(`${name} was signed with another secret, or has expired`);
  if (claims.role !== role) throw new Misconfigured(`${name} has not the role ${role}`);
}

function requireSecretAmong(keys: JWK[], name: string, secret: string, secretName: string): void {
  const encoded = Buffer.from(secret).toString('base64url');
  if (!keys.some((key) => key.kty === 'oct' && key.k === encoded)) {
    throw new Misconfigured(`${name} does not hold ${secretName} as a key`);
  }
}

async function requireSound(signer: JWK, name: string): Promise<void> {
  if (signer.kty === 'oct') return;
  try {
    const { d: _, key_ops: __, ...half } = signer;
    // upstream's keys say `sign` and `verify`, and WebCrypto takes no private key to verify with
    const whole = await importJWK({ ...signer, key_ops: ['sign'] }, 'ES256');
    const token = await new SignJWT({}).setProtectedHeader({ alg: 'ES256' }).sign(whole);
    await jwtVerify(token, await importJWK({ ...half, key_ops: ['verify'] }, 'ES256'), { algorithms: ['ES256'] });
  } catch {
    throw new Misconfigured(`${name} has a signing key whose halves do not fit, or no EC P-256 key`);
  }
}
