import { base64url } from 'jose';
import { sha256Hex } from '../auth/digest.ts';
import type { Random } from '../deps.ts';

type NewApiKey = {
  id: string;
  name: string;
  type: 'publishable' | 'secret';
  key: string;
  /** enough to tell it from others, too little to use it */
  prefix: string;
  /** SHA-256 of the key, hex */
  hash: string;
};

const shownLetters = 5;

/** An opaque key as Supabase gives them: prefix, 22 random letters, and a checksum that also covers the ref. */
export async function newApiKey(
  ref: string,
  { name, type }: Pick<NewApiKey, 'name' | 'type'>,
  random: Random,
): Promise<NewApiKey> {
  const kind = `sb_${type}_`;
  const body = `${kind}${base64url.encode(random.bytes(17)).slice(0, 22)}`;
  const key = `${body}_${await checksum(ref, body)}`;
  return {
    id: random.uuid(),
    name,
    type,
    key,
    prefix: key.slice(0, kind.length + shownLetters),
    hash: await sha256Hex(key),
  };
}

async function checksum(ref: string, body: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${ref}|${body}`));
  return base64url.encode(new Uint8Array(digest)).slice(0, 8);
}
