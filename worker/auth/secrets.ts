import { base64url } from 'jose';
import type { Random } from '../deps.ts';
import { sha256Hex } from './digest.ts';

/** `prefix` and 20 random bytes as hex: personal access tokens (`sbp_`), enrolment tokens (`sfe_`). */
export function createToken(random: Random, prefix: string): string {
  return prefix + Array.from(random.bytes(20), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** 32 random bytes, base64url. */
export function createRefreshToken(random: Random): string {
  return base64url.encode(random.bytes(32));
}

/** Whether two secrets are the same, in a time that tells nothing of where they differ or how long they are. */
export async function isSameSecret(given: string, expected: string): Promise<boolean> {
  const [left, right] = await Promise.all([sha256Hex(given), sha256Hex(expected)]);
  let difference = 0;
  for (let index = 0; index < left.length; index += 1) difference |= left.charCodeAt(index) ^ right.charCodeAt(index);
  return difference === 0;
}
