import { base64url } from 'jose';
import type { ServiceSecrets } from '../../schema/stack-spec.ts';
import type { Random } from '../deps.ts';

/** How each secret is written, and of how many bytes: lengths are what the services insist on. */
const forms = {
  adminPassword: { bytes: 16, text: hex },
  secretKeyBase: { bytes: 48, text: base64url.encode },
  realtimeEncryptionKey: { bytes: 12, text: base64url.encode },
  poolerEncryptionKey: { bytes: 24, text: base64url.encode },
  metricsJwtSecret: { bytes: 32, text: base64url.encode },
  s3AccessKeyId: { bytes: 16, text: hex },
  s3SecretAccessKey: { bytes: 32, text: hex },
  logflarePublicToken: { bytes: 24, text: base64url.encode },
  logflarePrivateToken: { bytes: 24, text: base64url.encode },
} as const satisfies Record<keyof ServiceSecrets, { bytes: number; text(bytes: Uint8Array): string }>;

/** Fresh secrets for the services of a new project. */
export function newServiceSecrets(random: Random): ServiceSecrets {
  const fresh = (name: keyof ServiceSecrets) => forms[name].text(random.bytes(forms[name].bytes));
  return named((name) => fresh(name));
}

/**
 * The secrets of a project that was sealed before there were any: derived from its JWT secret, so that they are the same
 * at each opening and nobody who does not have that can tell them.
 */
export async function derivedServiceSecrets(jwtSecret: string): Promise<ServiceSecrets> {
  const encode = (text: string) => new TextEncoder().encode(text);
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', encode(jwtSecret), algorithm, false, ['sign']);
  const derived = await Promise.all(
    Object.entries(forms).map(async ([name, { bytes, text }]): Promise<[string, string]> => {
      // one block is 32 bytes, and no secret takes more than two
      const blocks = await Promise.all(
        [1, 2].map((block) => crypto.subtle.sign('HMAC', key, encode(`supafleet service secret: ${name} ${block}`))),
      );
      const material = new Uint8Array(await new Blob(blocks).arrayBuffer());
      return [name, text(material.subarray(0, bytes))];
    }),
  );
  const values = new Map(derived);
  return named((name) => values.get(name) ?? '');
}

function named(value: (name: keyof ServiceSecrets) => string): ServiceSecrets {
  return {
    adminPassword: value('adminPassword'),
    secretKeyBase: value('secretKeyBase'),
    realtimeEncryptionKey: value('realtimeEncryptionKey'),
    poolerEncryptionKey: value('poolerEncryptionKey'),
    metricsJwtSecret: value('metricsJwtSecret'),
    s3AccessKeyId: value('s3AccessKeyId'),
    s3SecretAccessKey: value('s3SecretAccessKey'),
    logflarePublicToken: value('logflarePublicToken'),
    logflarePrivateToken: value('logflarePrivateToken'),
  };
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
