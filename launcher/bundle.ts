import { join } from 'node:path';
import { type BuildOptions, build, stop } from 'esbuild';

const root = join(import.meta.dirname, '..');

/** Bundles the worker, the hasher and the mailer as workerd loads them, into `directory`. */
export async function bundleWorkers(directory: string): Promise<void> {
  await build(workerBundles(directory));
  // its helper process would live as long as this one
  await stop();
}

/** How that is done, for whoever wants it done again and again. */
export function workerBundles(directory: string): BuildOptions {
  return {
    entryPoints: {
      worker: join(root, 'worker/main.ts'),
      hasher: join(root, 'worker/hasher/main.ts'),
      mailer: join(root, 'worker/mailer/main.ts'),
    },
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
  };
}

/**
 * Bundles the agent into `directory` and returns its program. Types stripped at load cost memory for as long as the
 * agent runs, and this one runs beside every project of the host.
 */
export async function bundleAgent(directory: string): Promise<string> {
  await build({
    entryPoints: { agent: join(root, 'agent/main.ts') },
    outdir: join(directory, 'agent'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // what a command does not need is not loaded
    splitting: true,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    // libraries in the old form ask for Node's modules by this name
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    external: ['pg-native', '@supabase/postgres-meta'],
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'silent',
  });
  await stop();
  return join(directory, 'agent', 'agent.mjs');
}
