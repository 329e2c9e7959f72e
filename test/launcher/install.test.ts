import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isInstalled } from '../../launcher/install.mjs';

describe('whether modules are installed', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'supafleet-install-'));
    await mkdir(join(root, 'node_modules'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const locked = {
    '': { optionalDependencies: { native: '1.0.0' } },
    'node_modules/plain': { version: '1.0.0' },
    'node_modules/native': { version: '1.0.0', optional: true },
    'node_modules/other-system': { version: '1.0.0', optional: true, os: ['sunos'] },
    'node_modules/of-other-system': { version: '1.0.0', optional: true },
  };
  const present = { 'node_modules/plain': { version: '1.0.0' }, 'node_modules/native': { version: '1.0.0' } };

  test.each<[string, Record<string, unknown> | null, boolean]>([
    ['everything that fits this system is there', present, true],
    ['npm was cut off before it wrote its record', null, false],
    ['a package is missing', { 'node_modules/native': { version: '1.0.0' } }, false],
    ['a package is in another version', { ...present, 'node_modules/plain': { version: '2.0.0' } }, false],
    ['a native package of ours is missing', { 'node_modules/plain': { version: '1.0.0' } }, false],
  ])('%s', async (_, packages, expected) => {
    await writeFile(join(root, 'package-lock.json'), JSON.stringify({ packages: locked }));
    if (packages !== null) {
      await writeFile(join(root, 'node_modules/.package-lock.json'), JSON.stringify({ packages }));
    }
    expect(isInstalled(root)).toBe(expected);
  });
});
