import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseImageMap } from '../../agent/stack/image-map.ts';
import { runDocker } from './run-docker.ts';

/** How an engine is reached, as plain values that go from one process to another. */
export type EnginePlace = {
  socketPath: string;
  /** all that `docker` needs: PATH, HOME, DOCKER_HOST, DOCKER_CONFIG */
  environment: Record<string, string>;
  /** path of the image map */
  imageMap: string;
};

export type FoundEngine = EnginePlace | { skip: string };

const repository = join(import.meta.dirname, '../..');

/** An engine of this machine with Compose and the tests' images, or why there is none to use. */
export async function findEngine(environment: NodeJS.ProcessEnv): Promise<FoundEngine> {
  const env = dockerEnvironment(environment);
  const platform = await runDocker(['version', '--format', '{{.Server.Os}}/{{.Server.Arch}}'], env).catch(() => null);
  if (platform === null) return { skip: 'no Docker engine answers here (.ci/engine brings one, as root on Debian)' };
  if (platform.trim() !== 'linux/amd64')
    return { skip: `the engine runs ${platform.trim()}, the images are linux/amd64` };
  const compose = await runDocker(['compose', 'version', '--short'], env).catch(() => '');
  if (!/^v?[2-9]/.test(compose)) return { skip: '`docker compose` (version 2 or newer) is missing' };
  const host = env.DOCKER_HOST ?? (await contextHost(env));
  if (!host.startsWith('unix://')) return { skip: `the engine is not on this machine (${host.split(':')[0]})` };
  const imageMap = environment.IMAGE_MAP ?? join(repository, '.data/images.json');
  const lacking = await lackingImages(imageMap, env);
  if (lacking !== null) return { skip: `${lacking}: build them with \`npm run images\`` };
  return {
    socketPath: host.slice('unix://'.length),
    environment: { ...env, DOCKER_HOST: host },
    imageMap,
  };
}

function dockerEnvironment({ PATH = '', HOME = '/', DOCKER_HOST, DOCKER_CONFIG }: NodeJS.ProcessEnv) {
  const environment: Record<string, string> = { PATH, HOME };
  if (DOCKER_HOST) environment.DOCKER_HOST = DOCKER_HOST;
  if (DOCKER_CONFIG) environment.DOCKER_CONFIG = DOCKER_CONFIG;
  return environment;
}

async function contextHost(env: Record<string, string>): Promise<string> {
  const described = await runDocker(['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'], env);
  return described.trim();
}

/** What is wrong with the images; null: all of them are there. */
async function lackingImages(imageMap: string, env: Record<string, string>): Promise<string | null> {
  const text = await readFile(imageMap, 'utf8').catch(() => null);
  if (text === null) return `there is no image map at ${imageMap}`;
  const wanted = Object.values(parseImageMap(text).images);
  const listed = await runDocker(['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}'], env);
  const there = new Set(listed.split('\n'));
  const lacking = wanted.filter((image) => !there.has(image));
  return lacking.length === 0 ? null : `the engine lacks ${lacking.length} of the ${wanted.length} images`;
}
