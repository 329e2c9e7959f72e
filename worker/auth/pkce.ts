import { base64url } from 'jose';

/** The challenge of a verifier by S256 (RFC 7636). */
export async function s256(verifier: string): Promise<string> {
  return base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
}
