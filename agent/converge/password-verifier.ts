import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';

const iterations = 4096;
const keyLength = 32;

/** A SCRAM-SHA-256 verifier in the form Postgres stores, so that the server never sees the password. Salt: 16 bytes. */
export function passwordVerifier(password: string, salt: Uint8Array): string {
  const { storedKey, serverKey } = scramKeys(password, salt);
  return `SCRAM-SHA-256$${iterations}:${base64(salt)}$${base64(storedKey)}:${base64(serverKey)}`;
}

/** Whether a value of `pg_authid.rolpassword` belongs to this password. One in another form does not. */
export function verifierMatches(verifier: string | null, password: string): boolean {
  const match = /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):(.+)$/.exec(verifier ?? '');
  if (match === null) return false;
  const [, rounds, salt = '', storedKey = '', serverKey = ''] = match;
  // users may store a verifier of their own: its count of rounds must not decide how long this takes
  if (rounds !== String(iterations)) return false;
  const expected = scramKeys(password, Buffer.from(salt, 'base64'));
  return equal(expected.storedKey, storedKey) && equal(expected.serverKey, serverKey);
}

function scramKeys(password: string, salt: Uint8Array): { storedKey: Buffer; serverKey: Buffer } {
  const salted = pbkdf2Sync(prepared(password), salt, iterations, keyLength, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const serverKey = createHmac('sha256', salted).update('Server Key').digest();
  return { storedKey: createHash('sha256').update(clientKey).digest(), serverKey };
}

/** SASLprep as far as real passwords need it: odd spaces become spaces, soft hyphens and joiners go, NFKC. */
function prepared(password: string): string {
  return password
    .replaceAll(/[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g, ' ')
    .replaceAll(/\u00ad|\u034f|\u1806|[\u180b-\u180d]|\u200c|\u200d|\u2060|[\ufe00-\ufe0f]|\ufeff/g, '')
    .normalize('NFKC');
}

function equal(expected: Buffer, actual: string): boolean {
  const given = Buffer.from(actual, 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
