import { describe, expect, test } from 'vitest';
import { passwordVerifier, verifierMatches } from '../../../agent/converge/password-verifier.ts';

const salt = new Uint8Array(16).fill(7);

describe('a stored verifier', () => {
  test.each(['hex0123', 'with space and ?/#:&@', 'pässwörd', ''])(
    'belongs to the password it was made of: %j',
    (password) => {
      expect(verifierMatches(passwordVerifier(password, salt), password)).toBe(true);
    },
  );

  test('belongs to no other password', () => {
    expect(verifierMatches(passwordVerifier('right', salt), 'wrong')).toBe(false);
  });

  test('is the same for two spellings of one text, as Postgres prepares passwords', () => {
    expect(verifierMatches(passwordVerifier('e\u0301\u00a0\u2168', salt), '\u00e9 IX')).toBe(true);
  });

  test('does not hold the password', () => {
    expect(passwordVerifier('tell-tale', salt)).not.toContain('tell-tale');
  });

  test.each([
    ['no password', null],
    ['an MD5 hash', 'md5a5e4b1a2a3a4a5a6a7a8a9a0a1a2a3a4'],
    ['plain text', 'secret'],
    [
      'another count of rounds, which would decide how long a check takes',
      passwordVerifier('secret', salt).replace('4096', '9999999'),
    ],
  ])('never matches when it is %s', (_, verifier) => {
    expect(verifierMatches(verifier, 'secret')).toBe(false);
  });
});
