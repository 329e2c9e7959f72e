import { base64url } from 'jose';
import type { Random, SealedPlace, Vault } from './deps.ts';

/** Key-encryption keys by id, each 32 bytes. The first seals; all open, so that keys can be rotated. */
export type KeyEncryptionKeys = readonly { id: string; key: Uint8Array<ArrayBuffer> }[];

const ivLength = 12;

/**
 * Envelope encryption: `v1.<kek id>.<wrap iv>.<wrapped data key>.<iv>.<ciphertext>`, parts base64url. Both layers
 * authenticate the place the value is stored at.
 */
export async function createVault(keys: KeyEncryptionKeys, random: Random): Promise<Vault> {
  const [first] = keys;
  if (first === undefined) throw new Error('at least one key-encryption key is needed');
  const imported = new Map(await Promise.all(keys.map(async ({ id, key }) => [id, await importKey(key)] as const)));

  return {
    async seal(plain, place) {
      const wrappingKey = imported.get(first.id);
      if (wrappingKey === undefined) throw new Error('the first key-encryption key is not imported');
      const dataKey = random.bytes(32);
      const wrapIv = random.bytes(ivLength);
      const iv = random.bytes(ivLength);
      const [wrapped, sealed] = await Promise.all([
        crypto.subtle.encrypt(parameters(wrapIv, place), wrappingKey, dataKey),
        crypto.subtle.encrypt(parameters(iv, place), await importKey(dataKey), new TextEncoder().encode(plain)),
      ]);
      const parts = [wrapIv, new Uint8Array(wrapped), iv, new Uint8Array(sealed)].map((part) => base64url.encode(part));
      return ['v1', first.id, ...parts].join('.');
    },

    async open(sealed, place) {
      const [version, id, wrapIv, wrapped, iv, ciphertext, ...rest] = sealed.split('.');
      if (version !== 'v1' || !id || !wrapIv || !wrapped || !iv || !ciphertext || rest.length > 0) {
        throw new Error('a sealed value is malformed');
      }
      const wrappingKey = imported.get(id);
      if (wrappingKey === undefined) throw new Error(`a value is sealed under the unknown key-encryption key ${id}`);
      const dataKey = await crypto.subtle.decrypt(parameters(decode(wrapIv), place), wrappingKey, decode(wrapped));
      const key = await importKey(new Uint8Array(dataKey));
      const plain = await crypto.subtle.decrypt(parameters(decode(iv), place), key, decode(ciphertext));
      return new TextDecoder().decode(plain);
    },
  };
}

function parameters(iv: Uint8Array<ArrayBuffer>, place: SealedPlace): AesGcmParams {
  const additionalData = new TextEncoder().encode(JSON.stringify([place.table, place.row, place.field]));
  return { name: 'AES-GCM', iv, additionalData };
}

function importKey(key: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

function decode(part: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(base64url.decode(part));
}
