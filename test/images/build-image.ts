import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Engine } from './engine.ts';
import type { Recipe } from './recipe.ts';
import { runProgram } from './run-program.ts';

/** All images of this repository's tests carry it: `docker image ls --filter label=…` shows them. */
const label = 'dev.supafleet.test-image';

/**
 * Builds what a recipe describes, unless an image of the same content is there: the tag is a hash of all that goes in.
 * Answers the image's name.
 */
export async function buildImage(engine: Engine, recipe: Recipe, parent: string, log: (line: string) => void) {
  const image = `supafleet-test/${recipe.name}:${await contentHash(recipe, parent)}`;
  if (engine.images.has(image)) return image;
  const startedMs = performance.now();
  const context = await mkdtemp(join(tmpdir(), 'supafleet-image-'));
  try {
    const root = join(context, 'root');
    await mkdir(root, { mode: 0o755 });
    await chmod(root, 0o755);
    if (recipe.rootfs !== undefined) await cp(recipe.rootfs, root, { recursive: true });
    for (const { source, target, leaveOut } of recipe.copies ?? []) {
      await mkdir(dirname(join(root, target)), { recursive: true });
      await cp(source, join(root, target), {
        recursive: true,
        verbatimSymlinks: true,
        filter: (path) => leaveOut?.test(path) !== true,
      });
    }
    await recipe.complete?.(root);
    // one archive that the engine unpacks is quicker than thousands of files
    await runProgram('tar', [
      '--create',
      '--owner=0',
      '--group=0',
      '--file',
      join(context, 'root.tar'),
      '-C',
      root,
      '.',
    ]);
    await rm(root, { recursive: true });
    const dockerfile = [`FROM ${parent}`, 'ADD root.tar /', ...recipe.config, `LABEL ${label}=${recipe.name}`, ''];
    await writeFile(join(context, 'Dockerfile'), dockerfile.join('\n'));
    await engine.build(image, context);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
  log(`${recipe.name} built (${seconds(startedMs)})`);
  return image;
}

type Release = { image: string; name: string; upstream: string; environment: string[] };

/**
 * Gives an image the name and the tag it stands in for, as an image of its own: a release is told from another by it.
 * `environment` are further instructions. Answers its name.
 */
export async function releaseImage(engine: Engine, { image, name, upstream, environment }: Release): Promise<string> {
  const tag = upstream.split(':').at(-1);
  const released = `${name}:${tag}-${image.split(':').at(-1)}`;
  if (engine.images.has(released)) return released;
  const context = await mkdtemp(join(tmpdir(), 'supafleet-image-'));
  try {
    const lines = [`FROM ${image}`, `ENV SUPAFLEET_STANDS_FOR=${upstream}`, ...environment, ''];
    await writeFile(join(context, 'Dockerfile'), lines.join('\n'));
    await engine.build(released, context);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
  return released;
}

export function seconds(startedMs: number): string {
  return `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
}

async function contentHash(recipe: Recipe, parent: string): Promise<string> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([parent, recipe.config, recipe.complete?.toString() ?? '']));
  for (const { target, version, leaveOut } of recipe.copies ?? [])
    hash.update(JSON.stringify([target, version, String(leaveOut)]));
  if (recipe.rootfs !== undefined) hash.update(await directoryHash(recipe.rootfs));
  return hash.digest('hex').slice(0, 12);
}

/** Of names, modes and contents of all files below a directory. */
export async function directoryHash(directory: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort()) {
    const { mode } = await stat(file);
    hash.update(JSON.stringify([file.slice(directory.length), mode & 0o777]));
    hash.update(await readFile(file));
  }
  return hash.digest('hex');
}
