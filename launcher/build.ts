import { spawnSync } from 'node:child_process';
import { chmod, copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import manifest from '../package.json' with { type: 'json' };
import { declarationImports, moduleImports } from './package-imports.ts';
import { packageEntries, packageManifest, sourceManifest } from './package-manifest.ts';
import { withLibraries, withModuleSpecifiers, withReadManifest } from './package-rewrite.ts';

/*
 * `npm run build`: the publishable package, in dist/package or the directory that is named. JavaScript for Node 20 and
 * newer, the client's declarations, and a manifest with what exactly these files need.
 */

const root = join(import.meta.dirname, '..');
const directory = process.argv[2] ?? join(root, 'dist/package');

await rm(directory, { recursive: true, force: true });
compile();
await rewriteFiles();
const { client, supafleet, supafleetAgent } = packageEntries;
const programs = [supafleet, supafleetAgent].map((entry) => `${entry}.js`);
// the last one is started as a process of its own, so that nothing imports it
const modules = [`${client}.js`, ...programs, 'agent/runtime/embedded/meta-server.js'];
const shipped = [await moduleImports(directory, modules), await declarationImports(directory, `${client}.d.ts`)];
const files = new Set(shipped.flatMap((part) => [...part.files]));
const packages = new Set(shipped.flatMap((part) => [...part.packages]));
await keepOnly(files);
for (const program of programs) await chmod(join(directory, program), 0o755);
for (const name of ['README.md', 'LICENSE', 'CHANGELOG.md']) await copyFile(join(root, name), join(directory, name));
const built = packageManifest(sourceManifest.parse(manifest), packages);
await writeFile(join(directory, 'package.json'), `${JSON.stringify(built, null, 2)}\n`);
process.stdout.write(`${manifest.name} ${manifest.version} is in ${directory}; npm pack there makes the tarball.\n`);

function compile(): void {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const project = ['-p', join(root, 'tsconfig.build.json'), '--outDir', directory];
  const { status } = spawnSync(process.execPath, [compiler, ...project], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

async function rewriteFiles(): Promise<void> {
  for (const file of await emittedFiles()) {
    const path = join(directory, file);
    const rewrite = file.endsWith('.d.ts') ? withModuleSpecifiers : withReadManifest;
    await writeFile(path, rewrite(await readFile(path, 'utf8')));
  }
  const declaration = join(directory, `${packageEntries.client}.d.ts`);
  await writeFile(declaration, withLibraries(await readFile(declaration, 'utf8')));
}

/** Declarations that nobody can reach from the client's are left out, and with them what only they would need. */
async function keepOnly(kept: ReadonlySet<string>): Promise<void> {
  for (const file of await emittedFiles()) {
    if (!kept.has(file)) await rm(join(directory, file));
  }
}

async function emittedFiles(): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true });
  return entries.filter((file) => /\.(js|d\.ts)$/.test(file));
}
