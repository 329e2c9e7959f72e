import { createCipheriv, createHash } from 'node:crypto';

/** The project's own database as postgres-meta reaches it: as `postgres`, which is no superuser. */
export function metaConnectionString(db: { address: string; port: number; dbPassword: string }): string {
  const password = encodeURIComponent(db.dbPassword);
  return `postgresql://postgres:${password}@${db.address}:${db.port}/postgres?sslmode=disable&statement_timeout=${statementTimeoutMs}`;
}

/** How long a statement of Studio's may run; postgres-meta itself gives up a moment later. */
const statementTimeoutMs = 55_000;

/**
 * The value of `x-connection-encrypted`: AES-256-CBC under a passphrase as OpenSSL's `enc` and CryptoJS write it, base64.
 * `salt` is eight random bytes.
 */
export function sealConnection(connection: string, passphrase: string, salt: Uint8Array): string {
  const { key, iv } = deriveKey(passphrase, salt);
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const sealed = [Buffer.from('Salted__'), salt, cipher.update(connection, 'utf8'), cipher.final()];
  return Buffer.concat(sealed).toString('base64');
}

/** EVP_BytesToKey with MD5, one round: what this old format asks for. */
function deriveKey(passphrase: string, salt: Uint8Array): { key: Buffer; iv: Buffer } {
  let material = Buffer.alloc(0);
  let block = Buffer.alloc(0);
  while (material.byteLength < 48) {
    block = createHash('md5').update(block).update(passphrase, 'utf8').update(salt).digest();
    material = Buffer.concat([material, block]);
  }
  return { key: material.subarray(0, 32), iv: material.subarray(32, 48) };
}
