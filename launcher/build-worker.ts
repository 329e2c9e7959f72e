import { chmod, copyFile, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type BuildOptions, build, context, stop } from 'esbuild';
import manifest from '../package.json' with { type: 'json' };
import { workerBundles } from './bundle.ts';

/*
 * Part of `npm run build`: what the worker's image holds, in dist/worker or the directory that is named. The three bundles,
 * the migrations, the `supafleet-worker` command for Node 20 and newer, and a manifest that asks for workerd and nothing else.
 * With --watch the bundles are made again at every change, until it is told to stop.
 */

const root = join(import.meta.dirname, '..');
const { values, positionals } = parseArgs({ options: { watch: { type: 'boolean' } }, allowPositionals: true });
const [directory = join(root, 'dist/worker')] = positionals;
const bundles = [workerBundles(join(directory, 'workers')), commandBundle(join(directory, 'bin'))];

await rm(directory, { recursive: true, force: true });
await mkdir(directory, { recursive: true });
for (const bundle of bundles) await build(bundle);
await chmod(join(directory, 'bin/supafleet-worker.js'), 0o755);
await cp(join(root, 'migrations'), join(directory, 'migrations'), { recursive: true });
await copyFile(join(root, 'LICENSE'), join(directory, 'LICENSE'));
await writeFile(join(directory, 'package.json'), `${JSON.stringify(workerManifest(), null, 2)}\n`);
process.stdout.write(`supafleet-worker ${manifest.version} is in ${directory}; its image: deploy/worker/README.md\n`);
if (values.watch === true) {
  for (const bundle of bundles) await (await context({ ...bundle, logLevel: 'info' })).watch();
} else await stop();

function commandBundle(target: string): BuildOptions {
  return {
    entryPoints: { 'supafleet-worker': join(root, 'launcher/worker-command.ts') },
    outdir: target,
    bundle: true,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    // libraries in the old form ask for Node's modules by this name
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
  };
}

function workerManifest(): Record<string, unknown> {
  const { version, license, type, engines, optionalDependencies } = manifest;
  return {
    name: 'supafleet-worker',
    version,
    private: true,
    license,
    type,
    engines,
    bin: { 'supafleet-worker': 'bin/supafleet-worker.js' },
    dependencies: { workerd: optionalDependencies.workerd },
  };
}
