import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { version } from '../../worker/version.ts';

test('the worker says the version of the package it was built from', () => {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  expect(JSON.parse(manifest)).toMatchObject({ version });
});
