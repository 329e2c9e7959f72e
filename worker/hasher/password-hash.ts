import { Buffer } from 'node:buffer';
import { scryptSync, timingSafeEqual } from 'node:crypto';

type Parameters = { cost: number; blockSize: number; parallelization: number };
type Stored = Parameters & { salt: Buffer; hash: Buffer };

/** OWASP's setting for 16 MiB of memory; workerd caps N*r*p at 2^20. */
const current: Parameters = { cost: 2 ** 14, blockSize: 8, parallelization: 5 };
const maximumWork = 2 ** 20;
const maximumMemoryBytes = 64 * 1024 * 1024;
export const saltBytes = 16;
const hashBytes = 32;

/** `scrypt$N$r$p$salt$hash`, the last two base64url. `salt`: 16 random bytes. */
export function hashPassword(password: string, salt: Uint8Array): string {
  const hash = derive(password, { ...current, salt: Buffer.from(salt) }, hashBytes);
  const { cost, blockSize, parallelization } = current;
  const parts = [cost, blockSize, parallelization, Buffer.from(salt).toString('base64url'), hash.toString('base64url')];
  return ['scrypt', ...parts].join('$');
}

/** Whether it is the hash's password. Without a hash, or with one that is none of ours: false, after as much work. */
export function verifyPassword(password: string, hash: string | null): boolean {
  const stored = hash === null ? null : parseHash(hash);
  const { salt, hash: expected, ...parameters } = stored ?? nobody;
  const derived = derive(password, { ...parameters, salt }, expected.length);
  return timingSafeEqual(derived, expected) && stored !== null;
}

/** The parts of a stored hash, when they are within what this hasher is willing to compute. */
export function parseHash(text: string): Stored | null {
  const match = /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([\w-]{11,86})\$([\w-]{22,86})$/.exec(text);
  if (match === null) return null;
  const [, cost, blockSize, parallelization] = match.map(Number);
  const [salt, hash] = [match[4], match[5]].map((part) => Buffer.from(part ?? '', 'base64url'));
  if (!cost || !blockSize || !parallelization || salt === undefined || hash === undefined) return null;
  if (cost < 2 || !Number.isInteger(Math.log2(cost))) return null;
  if (cost * blockSize * parallelization > maximumWork) return null;
  if (128 * blockSize * (cost + parallelization) > maximumMemoryBytes / 2) return null;
  return { cost, blockSize, parallelization, salt, hash };
}

const nobody: Stored = { ...current, salt: Buffer.alloc(saltBytes), hash: Buffer.alloc(hashBytes) };

function derive(password: string, { salt, ...parameters }: Parameters & { salt: Buffer }, bytes: number): Buffer {
  return scryptSync(password, salt, bytes, { ...parameters, maxmem: maximumMemoryBytes });
}
