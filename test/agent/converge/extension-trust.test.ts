import { expect, test } from 'vitest';
import { markTrusted } from '../../../agent/converge/extension-trust.ts';

test.each([
  [
    'an untrusted extension',
    "comment = 'c'\nrelocatable = true\n",
    "comment = 'c'\nrelocatable = true\ntrusted = true\n",
  ],
  ['one marked as untrusted', 'trusted = false\nrelocatable = true', 'relocatable = true\ntrusted = true\n'],
  ['one that is trusted already', 'trusted = true\nrelocatable = true\n', 'trusted = true\nrelocatable = true\n'],
])('%s ends up trusted, once', (_, control, expected) => {
  expect(markTrusted(control)).toBe(expected);
});
