import { chmod, copyFile, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, stop } from 'esbuild';
import manifest from '../package.json' with { type: 'json' };
import { bundleWorkers } from './bundle.ts';

/*
 * Part of `npm run build`: what the worker's image holds, in dist/worker or the directory that is named. The two bundles,
 * the migrations, the `supafleet-worker` command for Node 20 and newer, and a manifest that asks for workerd and nothing else.
 */

const root = join(import.meta.dirname, '..');
const directory = process.argv[2] ?? join(root, 'dist/worker');

await rm(directory, { recursive: true, force: true });
await mkdir(directory, { recursive: true });
await bundleWorkers(join(directory, 'workers'));
await bundleCommand(join(directory, 'bin'));
await cp(join(root, 'migrations'), join(directory, 'migrations'), { recursive: true });
await copyFile(join(root, 'LICENSE'), join(directory, 'LICENSE'));
await writeFile(join(directory, 'package.json'), `${JSON.stringify(workerManifest(), null, 2)}\n`);
process.stdout.write(`supafleet-worker ${manifest.version} is in ${directory}; its image: deploy/worker/README.md\n`);

async function bundleCommand(target: string): Promise<void> {
  await build({
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
  });
  await stop();
  await chmod(join(target, 'supafleet-worker.js'), 0o755);
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
