import { randomBytes, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJWK, exportPKCS8, generateKeyPair, importPKCS8, SignJWT } from 'jose';
import { z } from 'zod';
import { writeWhole } from '../agent/write-whole.ts';
import { signingKey } from '../schema/stack-spec.ts';
import { generateSigningKey } from '../worker/auth/session-tokens.ts';
import { readIfThere } from './files.ts';

const secretsFile = z.object({
  /** key-encryption keys, `id:base64url` */
  keks: z.string(),
  jwtKeys: z.array(signingKey).min(1),
  /** Ed25519 pair with which sqld and its clients know each other */
  database: z.object({ privateKey: z.string(), publicKey: z.string() }),
  tickToken: z.string(),
  bootstrapToken: z.string(),
  /** the first account, kept before it is made so that an interrupted first start can be resumed */
  admin: z.object({ email: z.string(), password: z.string(), accessToken: z.string() }),
});
export type Secrets = z.infer<typeof secretsFile>;

type FirstAdmin = { email: string; password: string | undefined };

/** The installation's own secrets: made at the first start, then read. `secrets.json`, 0600. */
export async function loadOrCreateSecrets(dataDir: string, admin: FirstAdmin): Promise<Secrets> {
  const path = join(dataDir, 'secrets.json');
  const existing = await readIfThere(path);
  if (existing !== null) return secretsFile.parse(JSON.parse(existing));
  const secrets = await createSecrets(admin);
  await writeWhole(path, `${JSON.stringify(secrets, null, 2)}\n`, 0o600);
  return secrets;
}

/** For a first start whose account was refused: nothing is sealed under these yet, and the next one may be told others. */
export async function forgetSecrets(dataDir: string): Promise<void> {
  await rm(join(dataDir, 'secrets.json'));
}

/** A token for sqld, valid for as long as the key is. */
export async function databaseToken(secrets: Secrets): Promise<string> {
  const key = await importPKCS8(secrets.database.privateKey, 'EdDSA');
  return new SignJWT({ a: 'rw' }).setProtectedHeader({ alg: 'EdDSA', typ: 'JWT' }).sign(key);
}

/** Fresh ones; the first account's password as wished, or made as well. */
export async function createSecrets(admin: FirstAdmin): Promise<Secrets> {
  const database = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const publicJwk = await exportJWK(database.publicKey);
  return secretsFile.parse({
    keks: `k1:${randomBytes(32).toString('base64url')}`,
    jwtKeys: [await generateSigningKey(randomUUID())],
    database: { privateKey: await exportPKCS8(database.privateKey), publicKey: publicJwk.x },
    tickToken: randomBytes(24).toString('base64url'),
    bootstrapToken: randomBytes(24).toString('base64url'),
    admin: {
      email: admin.email,
      password: admin.password ?? randomBytes(15).toString('base64url'),
      accessToken: `sbp_${randomBytes(20).toString('hex')}`,
    },
  });
}
