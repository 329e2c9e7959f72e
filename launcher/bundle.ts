import { join } from 'node:path';
import { build, stop } from 'esbuild';

const root = join(import.meta.dirname, '..');

/** Bundles the worker and the hasher as workerd loads them, into `directory`. */
export async function bundleWorkers(directory: string): Promise<void> {
  await build({
    entryPoints: { worker: join(root, 'worker/main.ts'), hasher: join(root, 'worker/hasher/main.ts') },
    outdir: directory,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    conditions: ['workerd', 'worker', 'browser'],
    mainFields: ['browser', 'module', 'main'],
    external: ['node:*', 'cloudflare:*'],
    minify: true,
    legalComments: 'none',
    logLevel: 'silent',
  });
  // its helper process would live as long as this one
  await stop();
}
