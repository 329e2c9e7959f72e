import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { hashPassword, parseHash, verifyPassword } from '../../../worker/hasher/password-hash.ts';

const salt = randomBytes(16);

describe('a password hash', () => {
  test('says how it was made and verifies its password only', () => {
    const hash = hashPassword('correct horse battery', salt);
    expect(hash).toMatch(/^scrypt\$16384\$8\$5\$[\w-]{22}\$[\w-]{43}$/);
    expect(verifyPassword('correct horse battery', hash)).toBe(true);
    expect(verifyPassword('correct horse batterz', hash)).toBe(false);
    expect(verifyPassword('', null)).toBe(false);
  });

  test('sees the 73rd byte', () => {
    const hash = hashPassword(`${'a'.repeat(72)}b`, salt);
    expect(verifyPassword(`${'a'.repeat(72)}c`, hash)).toBe(false);
    expect(verifyPassword('a'.repeat(72), hash)).toBe(false);
  });

  test('made with other parameters still verifies', () => {
    // of RFC 7914, section 12: password "pleaseletmein", salt "SodiumChloride", N=16384, r=8, p=1
    const key =
      '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887';
    const parts = [Buffer.from('SodiumChloride'), Buffer.from(key, 'hex')].map((part) => part.toString('base64url'));
    expect(verifyPassword('pleaseletmein', `scrypt$16384$8$1$${parts.join('$')}`)).toBe(true);
  });

  test.each([
    ['nothing', ''],
    ['another scheme', 'plain$correct horse battery'],
    ['endless work', `scrypt$1048576$8$5$${'A'.repeat(22)}$${'A'.repeat(43)}`],
    ['endless memory', `scrypt$131072$8$1$${'A'.repeat(22)}$${'A'.repeat(43)}`],
    ['a cost that is no power of two', `scrypt$16385$8$5$${'A'.repeat(22)}$${'A'.repeat(43)}`],
    ['no cost', `scrypt$0$8$5$${'A'.repeat(22)}$${'A'.repeat(43)}`],
    ['a short hash', `scrypt$16384$8$5$${'A'.repeat(22)}$AAAA`],
  ])('that holds %s is nobody’s', (_, text) => {
    expect(parseHash(text)).toBeNull();
    expect(verifyPassword('correct horse battery', text)).toBe(false);
  });
});
