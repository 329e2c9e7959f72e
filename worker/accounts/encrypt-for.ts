import type { Random } from '../deps.ts';

const nonceBytes = 12;

/** Hex, each. */
export type Encrypted = { encryptedToken: string; publicKey: string; nonce: string };

/**
 * Encrypts a text for whoever holds the private half of a P-256 key (hex, uncompressed): an ephemeral key agrees on
 * 32 bytes with it, which are the key of AES-256-GCM. Null: that is no such key.
 */
export async function encryptFor(publicKey: string, text: string, random: Random): Promise<Encrypted | null> {
  const theirs = await importPublic(publicKey);
  if (theirs === null) return null;
  const ours = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
  const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, ours.privateKey, 256);
  const key = await crypto.subtle.importKey('raw', shared, 'AES-GCM', false, ['encrypt']);
  const iv = random.bytes(nonceBytes);
  const encrypted = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, new TextEncoder().encode(text));
  return {
    encryptedToken: toHex(encrypted),
    publicKey: toHex(await crypto.subtle.exportKey('raw', ours.publicKey)),
    nonce: toHex(iv),
  };
}

async function importPublic(hex: string): Promise<CryptoKey | null> {
  if (!/^04[0-9a-f]{128}$/i.test(hex)) return null;
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  try {
    return await crypto.subtle.importKey('raw', bytes, { name: 'ECDH', namedCurve: 'P-256' }, false, []);
  } catch {
    // a point that is not on the curve
    return null;
  }
}

function toHex(bytes: ArrayBuffer | Uint8Array): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
