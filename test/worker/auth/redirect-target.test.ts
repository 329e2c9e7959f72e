import { describe, expect, test } from 'vitest';
import { redirectTarget } from '../../../worker/auth/redirect-target.ts';

const config = {
  corsOrigins: ['https://studio.test', 'http://localhost:8082'],
  publicUrl: 'https://api.test/control',
  studioUrl: 'https://studio.test/dashboard',
};

describe('after a link a browser is sent', () => {
  test.each([
    ['https://studio.test', 'https://studio.test/'],
    ['https://studio.test/reset-password', 'https://studio.test/reset-password'],
    ['https://studio.test/reset-password?a=1&b=%20', 'https://studio.test/reset-password?a=1&b=%20'],
    ['https://studio.test/a#access_token=planted', 'https://studio.test/a'],
    ['https://STUDIO.test:443/a', 'https://studio.test/a'],
    ['http://localhost:8082/sign-in', 'http://localhost:8082/sign-in'],
    ['https://api.test/anything', 'https://api.test/anything'],
  ])('to %s as it was asked for', (wanted, target) => {
    expect(redirectTarget(config, wanted)).toBe(target);
  });

  test.each([
    undefined,
    '',
    '/reset-password',
    'reset-password',
    '//evil.test',
    '//evil.test/https://studio.test',
    'https:evil.test',
    'https:///evil.test',
    'https:/\\evil.test',
    'https://evil.test',
    'https://evil.test/https://studio.test',
    'https://evil.test?https://studio.test',
    'https://evil.test#https://studio.test',
    'https://studio.test.evil.test',
    'https://studio.testevil',
    'https://evil-studio.test',
    'https://studio.test@evil.test',
    'https://studio.test:443@evil.test/',
    'https://studio.test%2f@evil.test',
    'https://user@studio.test/',
    'https://user:pass@studio.test/',
    'https://studio.test\\@evil.test',
    'https://evil.test\\@studio.test',
    'https://studio.test\\.evil.test',
    'https://studio.test/\\evil.test',
    'https://studio.test\t.evil.test',
    'ht\ntps://evil.test',
    ' https://studio.test',
    'https://studio.test/ a',
    'https://studio.test/\r\nSet-Cookie: a=b',
    'http://studio.test',
    'https://studio.test:444',
    'https://localhost:8082',
    'http://localhost',
    'http://localhost:8083',
    'javascript:alert(1)',
    'javascript://studio.test/%0aalert(1)',
    'data:text/html,hello',
    'blob:https://studio.test/a',
    'ftp://studio.test',
    'https://',
    'https://[::1',
    'null',
  ])('to Studio when asked for %j', (wanted) => {
    expect(redirectTarget(config, wanted)).toBe('https://studio.test/dashboard');
  });

  test('to ourselves when it is not known where Studio is', () => {
    expect(redirectTarget({ ...config, studioUrl: null }, 'https://evil.test')).toBe('https://api.test/control');
  });
});
