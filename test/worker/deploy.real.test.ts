import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const mebibyte = 1024 * 1024;

describe('wrangler deploy --dry-run', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'supafleet-deploy-'));
  });

  afterAll(() => rm(directory, { recursive: true, force: true }));

  test.each([
    ['the worker', 'wrangler.toml'],
    ['the hasher', 'worker/hasher/wrangler.toml'],
    ['the mailer', 'worker/mailer/wrangler.toml'],
  ])('accepts %s, whose bundle stays under 1 MiB gzipped', async (_name, config) => {
    const out = join(directory, config.replaceAll('/', '-'));
    const wrangler = join(root, 'node_modules/.bin/wrangler');
    const environment = {
      HOME: directory,
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      CI: '1',
      WRANGLER_SEND_METRICS: 'false',
    };
    const args = ['deploy', '--dry-run', '--outdir', out, '--config', join(root, config)];
    const { stdout, stderr } = await run(process.execPath, [wrangler, ...args], { cwd: root, env: environment });
    expect(stdout).toContain('--dry-run: exiting now');
    // a warning here is a module or setting that Cloudflare lacks
    expect(stdout + stderr).not.toMatch(/warning|error/i);
    const bundles = (await readdir(out)).filter((file) => /\.(m?js|wasm)$/.test(file));
    const sizes = await Promise.all(bundles.map(async (file) => gzipSync(await readFile(join(out, file))).byteLength));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(total).toBeGreaterThan(0);
    expect(total).toBeLessThan(mebibyte);
  });
});
