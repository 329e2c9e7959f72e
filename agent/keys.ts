import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { z } from 'zod';

/** A host's Ed25519 private key as a JWK. */
export const hostKey = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), d: z.string() });
export type HostKey = z.infer<typeof hostKey>;

/** A new key. It is made on the host and never leaves it. */
export function createHostKey(): HostKey {
  return hostKey.parse(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }));
}

/** The key in the form that signs requests. */
export function signingKeyOf(key: HostKey): KeyObject {
  return createPrivateKey({ key, format: 'jwk' });
}

/** The raw public key, base64url, derived from the private half so that a damaged file cannot name another. */
export function publicKeyOf(key: HostKey): string {
  const { x } = createPublicKey(signingKeyOf(key)).export({ format: 'jwk' });
  return z.string().parse(x);
}
