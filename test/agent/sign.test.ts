import { createPublicKey, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { createHostKey, hostKey, publicKeyOf, signingKeyOf } from '../../agent/keys.ts';
import { signedHeaders, signedText } from '../../agent/sign.ts';

/** The key of RFC 8032, section 7.1, test 1. */
const key = hostKey.parse({
  kty: 'OKP',
  crv: 'Ed25519',
  d: Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex').toString('base64url'),
  x: Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex').toString('base64url'),
});
const request = { method: 'GET', pathAndQuery: '/agent/v1/desired?cursor=7', body: '', timestamp: 1_700_000_000_000 };

test('the signed text is what the protocol lays down, to the byte', () => {
  expect(signedText(request)).toBe(
    'GET\n/agent/v1/desired?cursor=7\n1700000000000\n47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
  );
});

test('a known key gives a known signature, and every header the control plane wants', () => {
  const hostId = '00000000-0000-4000-8000-000000000000';
  expect(signedHeaders(request, { hostId, privateKey: signingKeyOf(key) })).toEqual({
    'x-supafleet-host': hostId,
    'x-supafleet-timestamp': '1700000000000',
    'x-supafleet-protocol': '2',
    'x-supafleet-signature': 'Fac9N02A-UvxNLeQIgnGA6qDQ0gTQ8fcnMDPgmOjstvO5_1vaZnd36DIeMXU-zqetDRFcbyJ3RSPZGQXhM5OCA',
  });
});

test('a new key verifies under its raw public half, which is what enrolment sends', () => {
  const made = createHostKey();
  const headers = signedHeaders(request, { hostId: 'x', privateKey: signingKeyOf(made) });
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKeyOf(made) }, format: 'jwk' });
  const signature = Buffer.from(headers['x-supafleet-signature'] ?? '', 'base64url');
  expect(publicKeyOf(made)).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(verify(null, Buffer.from(signedText(request)), publicKey, signature)).toBe(true);
  expect(verify(null, Buffer.from(signedText({ ...request, body: '{}' })), publicKey, signature)).toBe(false);
});
