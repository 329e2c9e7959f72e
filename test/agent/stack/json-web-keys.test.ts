import { generateKeyPairSync } from 'node:crypto';
import { createLocalJWKSet, importJWK, jwtVerify, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { signingKeys, verificationKeys } from '../../../agent/stack/json-web-keys.ts';
import { signingKey } from '../../../schema/stack-spec.ts';
import { runningSpec } from '../../support/specs.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const secrets = {
  ...runningSpec('a').secrets,
  signingKey: signingKey.parse({ ...privateKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256' }),
};

describe('the keys that services verify with', () => {
  const keys = verificationKeys(secrets);

  it('accept what auth signs, and the tokens of old', async () => {
    const modern = new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid: 'one' });
    const old = new SignJWT({}).setProtectedHeader({ alg: 'HS256' });
    const shared = keys.find(({ kty }) => kty === 'oct');
    const token = await modern.sign(await importJWK(secrets.signingKey, 'ES256'));
    expect((await jwtVerify(token, createLocalJWKSet({ keys }))).payload).toEqual({});
    const oldToken = await old.sign(new TextEncoder().encode(secrets.jwtSecret));
    expect((await jwtVerify(oldToken, await importJWK(shared ?? { kty: 'none' }, 'HS256'))).payload).toEqual({});
  });

  it('hold no private key', () => {
    expect(JSON.stringify(keys)).not.toContain(secrets.signingKey.d);
  });
});

it('auth is given exactly one key to sign with, or it would not start', () => {
  const signers = signingKeys(secrets).filter(({ key_ops }) => key_ops.includes('sign'));
  expect(signers).toEqual([expect.objectContaining({ kty: 'EC', kid: 'one', d: secrets.signingKey.d })]);
  expect(signingKeys(secrets)).toHaveLength(2);
});
