import { createHash } from 'node:crypto';
import { decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { serviceSecrets, stackSecrets } from '../../../schema/stack-spec.ts';
import { newApiKey } from '../../../worker/projects/new-api-key.ts';
import { newLetters } from '../../../worker/projects/new-letters.ts';
import { newSecrets } from '../../../worker/projects/new-secrets.ts';
import { openSecrets } from '../../../worker/projects/open-secrets.ts';
import { apiKeyPlace, projectSecretsPlace } from '../../../worker/projects/sealed-places.ts';
import { derivedServiceSecrets } from '../../../worker/projects/service-secrets.ts';
import { systemRandom } from '../../../worker/system.ts';
import { createVault } from '../../../worker/vault.ts';

const ref = 'abcdefghijklmnopqrst';
const now = 1_800_000_000_000;
const currentDate = new Date(now);

describe('the secrets of a new project', () => {
  test('are tokens that its own services accept for ten years', async () => {
    const made = await newSecrets({ ref, dbPassword: null }, systemRandom, now);
    const shared = new TextEncoder().encode(made.jwtSecret);
    const { d: _, ...publicJwk } = made.signingKey;
    const own = await importJWK(publicJwk, 'ES256');
    const claims = { iss: 'supabase', ref, iat: now / 1000, exp: now / 1000 + 10 * 365 * 24 * 3600 };
    for (const [token, role, key, algorithms] of [
      [made.anonKey, 'anon', shared, ['HS256']],
      [made.serviceRoleKey, 'service_role', shared, ['HS256']],
      [made.anonKeyAsymmetric, 'anon', own, ['ES256']],
      [made.serviceRoleKeyAsymmetric, 'service_role', own, ['ES256']],
    ] as const) {
      const { payload } = await jwtVerify(token, key, { algorithms: [...algorithms], currentDate, typ: 'JWT' });
      expect(payload).toEqual({ ...claims, role });
    }
    expect(decodeProtectedHeader(made.anonKeyAsymmetric).kid).toBe(made.signingKey.kid);
    expect(made.jwtSecret.length).toBeGreaterThanOrEqual(40);
    expect(made.dbPassword).toMatch(/^[0-9a-f]{32}$/);
  });

  test('keep the password that was given, whatever is in it', async () => {
    const dbPassword = `p@ss/w?rd#:&%'"\\ 🦀`;
    expect((await newSecrets({ ref, dbPassword }, systemRandom, now)).dbPassword).toBe(dbPassword);
  });

  test.each(['publishable', 'secret'] as const)('include a %s key whose checksum covers the ref', async (type) => {
    const { key, prefix, hash } = await newApiKey(ref, { name: 'default', type }, systemRandom);
    expect(key).toMatch(new RegExp(`^sb_${type}_[A-Za-z0-9_-]{22}_[A-Za-z0-9_-]{8}$`));
    const body = key.slice(0, -9);
    expect(key.slice(-8)).toBe(createHash('sha256').update(`${ref}|${body}`).digest('base64url').slice(0, 8));
    expect(hash).toBe(createHash('sha256').update(key).digest('hex'));
    expect(key.startsWith(prefix) && prefix.length === `sb_${type}_`.length + 5).toBe(true);
  });

  test('give each service what it insists on, other than any project before', async () => {
    const made = await Promise.all([1, 2].map(() => newSecrets({ ref, dbPassword: null }, systemRandom, now)));
    for (const { services } of made) expect(serviceSecrets.parse(services)).toEqual(services);
    const all = made.flatMap(({ services }) => Object.values(services));
    expect(new Set(all).size).toBe(all.length);
  });

  test('sealed before services had any are completed, each time the same, and by nothing but their own', async () => {
    const vault = await createVault([{ id: 'k', key: systemRandom.bytes(32) }], systemRandom);
    const { services: _, ...older } = await newSecrets({ ref, dbPassword: null }, systemRandom, now);
    const secrets = await vault.seal(JSON.stringify(older), projectSecretsPlace(ref));
    const [one, again] = await Promise.all([1, 2].map(() => openSecrets(vault, ref, { secrets, apiKeys: [] })));
    expect(one).toEqual(again);
    expect(stackSecrets.parse(one)).toEqual(one);
    expect(one).toMatchObject(older);
    expect(await derivedServiceSecrets(older.jwtSecret)).toEqual(one?.services);
    const other = await derivedServiceSecrets(`${older.jwtSecret}.`);
    const all = [...Object.values(other), ...Object.values(one?.services ?? {})];
    expect(new Set(all).size).toBe(18);
  });

  test('open only where they were sealed', async () => {
    const vault = await createVault([{ id: 'k', key: systemRandom.bytes(32) }], systemRandom);
    const made = await newSecrets({ ref, dbPassword: null }, systemRandom, now);
    const key = await newApiKey(ref, { name: 'default', type: 'secret' }, systemRandom);
    const sealed = {
      secrets: await vault.seal(JSON.stringify(made), projectSecretsPlace(ref)),
      apiKeys: [{ id: key.id, name: key.name, type: key.type, sealed: await vault.seal(key.key, apiKeyPlace(key.id)) }],
    };
    expect(await openSecrets(vault, ref, sealed)).toEqual({
      ...made,
      apiKeys: [{ name: 'default', type: 'secret', key: key.key }],
    });
    await expect(openSecrets(vault, 'z'.repeat(20), sealed)).rejects.toThrow();
  });
});

test('a ref is 20 letters, all of them in use', () => {
  const refs = Array.from({ length: 200 }, () => newLetters(systemRandom));
  for (const each of refs) expect(each).toMatch(/^[a-z]{20}$/);
  expect(new Set(refs.join('')).size).toBe(26);
});
