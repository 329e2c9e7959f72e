import { expect, test } from 'vitest';
import { matchingStep, newTotp } from '../../../../worker/accounts/mfa/totp.ts';

// RFC 6238, appendix B: the secret and some of its codes, cut to six digits
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const known = [
  { seconds: 59, code: '287082' },
  { seconds: 1_111_111_109, code: '081804' },
  { seconds: 20_000_000_000, code: '353130' },
];

test.each(known)('the code of second $seconds is the one that the standard names', ({ seconds, code }) => {
  expect(matchingStep(secret, code, seconds * 1000)).toBe(Math.floor(seconds / 30));
});

test('a code is good one step early and one step late, and is known by the step it is of', () => {
  const step = Math.floor(59 / 30);
  expect(matchingStep(secret, '287082', 59_000 - 30_000)).toBe(step);
  expect(matchingStep(secret, '287082', 59_000 + 30_000)).toBe(step);
  expect(matchingStep(secret, '287082', 59_000 + 61_000)).toBeNull();
});

test.each(['287083', '28708', '2870820', '', 'abcdef', '２８７０８２', '-87082', '287082\u0000'])(
  'what is no code of now is none: %j',
  (code) => {
    expect(matchingStep(secret, code, 59_000)).toBeNull();
  },
);

test('a new secret is 160 bits of chance, and its address names whose it is', () => {
  const random = { uuid: () => '', bytes: (length: number) => new Uint8Array(length).fill(7) };
  const made = newTotp(random, { issuer: 'plane.example', label: 'kim+a@example.com' });
  expect(made.secret).toHaveLength(32);
  const uri = new URL(made.uri);
  expect(`${uri.protocol}${uri.host}`).toBe('otpauth:totp');
  expect(decodeURIComponent(uri.pathname)).toContain('kim+a@example.com');
  expect(Object.fromEntries(uri.searchParams)).toMatchObject({
    issuer: 'plane.example',
    secret: made.secret,
    algorithm: 'SHA1',
    digits: '6',
    period: '30',
  });
});
