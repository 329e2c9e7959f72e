import type { StackSecrets } from '../../schema/stack-spec.ts';

type JsonWebKey = {
  kty: string;
  alg: string;
  key_ops: string[];
  use?: string;
  kid?: string;
  crv?: string;
  x?: string;
  y?: string;
  d?: string;
  k?: string;
};

/** `JWT_KEYS`: the EC key, with which auth signs, and the shared secret, with which it still verifies. */
export function signingKeys(secrets: StackSecrets): JsonWebKey[] {
  const { kty, kid, crv, x, y, d, alg } = secrets.signingKey;
  return [{ kty, kid, use: 'sig', key_ops: ['sign', 'verify'], alg, crv, x, y, d }, sharedKey(secrets)];
}

/** The keys of `JWT_JWKS`: tokens of either kind are accepted, ES256 by the public key, HS256 by the shared secret. */
export function verificationKeys(secrets: StackSecrets): JsonWebKey[] {
  const { kty, kid, crv, x, y, alg } = secrets.signingKey;
  return [{ kty, kid, use: 'sig', key_ops: ['verify'], alg, crv, x, y }, sharedKey(secrets)];
}

/** Only to verify with: auth refuses to start with two keys that sign. */
function sharedKey({ jwtSecret }: StackSecrets): JsonWebKey {
  return { kty: 'oct', k: Buffer.from(jwtSecret, 'utf8').toString('base64url'), alg: 'HS256', key_ops: ['verify'] };
}
