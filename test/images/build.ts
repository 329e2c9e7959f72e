import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { stackReleases } from '../../schema/stack-releases.ts';
import { buildBase } from './base-image.ts';
import { buildImage, releaseImage, seconds } from './build-image.ts';
import { edgeRecipe } from './edge-recipe.ts';
import { type Engine, openEngine } from './engine.ts';
import { imageRecipes } from './recipes.ts';
import { Trouble } from './trouble.ts';

/**
 * Builds the images that stand in for upstream's on the local engine, and writes the image map that names them. Real
 * programs where they can be had; the others answer their health checks and say on every answer that they are doubles.
 */
const real = new Set(['db', 'rest', 'meta', 'functions', 'edge']);

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { out: { type: 'string' } } });
  const target = resolve(values.out ?? join(import.meta.dirname, '../../.data/images.json'));
  const startedMs = performance.now();
  const engine = await openEngine(process.env);
  const built = new Map([['base', await buildBase(engine, log)]]);
  const recipes = [
    ...(await imageRecipes()),
    await edgeRecipe(process.env.CADDY, join(dirname(target), 'later-suite')),
  ];
  for (const recipe of recipes) {
    built.set(recipe.name, await buildImage(engine, recipe, built.get(recipe.parent) ?? recipe.parent, log));
  }
  const images: Record<string, string> = {};
  for (const [service, upstream] of wanted()) {
    images[upstream] ??= await release(engine, built, service, upstream);
  }
  await mkdir(dirname(target), { recursive: true });
  await writeFile(`${target}.new`, `${JSON.stringify({ images }, null, 2)}\n`);
  await rename(`${target}.new`, target);
  log(`${Object.keys(images).length} images ready (${seconds(startedMs)})`);
  process.stdout.write(`${target}\n`);
}

/** [service, upstream's image] of every release and of the host. */
function wanted(): [string, string][] {
  const { releases, host } = stackReleases;
  return [...Object.values(releases).flatMap(({ images }) => Object.entries(images)), ...Object.entries(host)];
}

function release(engine: Engine, built: Map<string, string>, service: string, upstream: string): Promise<string> {
  const isReal = real.has(service);
  const image = built.get(isReal ? service : 'double') ?? '';
  const environment = isReal ? [] : [`ENV DOUBLE=${service}`];
  return releaseImage(engine, {
    image,
    upstream,
    environment,
    name: `${isReal ? 'supafleet-test' : 'supafleet-double'}/${service}`,
  });
}

function log(line: string): void {
  process.stdout.write(`· ${line}\n`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Trouble)) throw error;
  process.stderr.write(`✗ ${error.message}\n`);
  process.exitCode = 1;
}
