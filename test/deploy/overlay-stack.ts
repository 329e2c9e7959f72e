import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DockerEngine } from '../docker/engine.ts';
import { freePort } from '../support/sqld.ts';
import { type OverlayImages, repository } from './build-images.ts';

export type OverlayStack = {
  url: string;
  project: string;
  /** what the env file says: for tests that sign in */
  settings: Record<string, string>;
  /** Runs `docker compose` as the overlay's own README says, with other settings on top. */
  compose(args: string[], other?: Record<string, string>): Promise<string>;
  remove(): Promise<void>;
};

const upstream = join(import.meta.dirname, 'upstream');
const overlay = join(repository, 'deploy/compose');

/** The overlay beside a stand-in for upstream's folder, under a name of its own; nothing runs yet. */
export async function createOverlayStack(
  engine: DockerEngine,
  images: OverlayImages & { gateway: string; agent?: string },
  directory: string,
): Promise<OverlayStack> {
  const project = `supafleet-overlay-test-${randomBytes(3).toString('hex')}`;
  const url = `http://localhost:${await freePort()}`;
  const template = await readFile(join(overlay, '.env.example'), 'utf8');
  const secrets = await engine.run(['run', '--rm', images.worker, 'secrets', '--prefix', 'SUPAFLEET_']);
  const chosen: Record<string, string> = {
    SUPAFLEET_PUBLIC_URL: url,
    SUPAFLEET_HTTP_PORT: `127.0.0.1:${new URL(url).port}`,
    SUPAFLEET_ADMIN_EMAIL: 'admin@example.com',
    SUPAFLEET_WORKER_IMAGE: images.worker,
    SUPAFLEET_SQLD_IMAGE: images.sqld,
    SUPAFLEET_STUDIO_IMAGE: images.studio,
    SUPAFLEET_GATEWAY_IMAGE: images.gateway,
    // it waits until the machine is joined, which takes no more than a shell
    SUPAFLEET_AGENT_IMAGE: images.agent ?? images.base,
    SUPAFLEET_DATA_DIR: join(directory, 'agent'),
    DOCKER_SOCKET_LOCATION: engine.socketPath,
    SUPAFLEET_DOCKER_CONFIG_DIR: join(directory, 'docker-config'),
    STAND_IN_IMAGE: images.base,
    STAND_IN_PREFIX: `${project}-`,
    API_GW_HTTP_PORT: String(await freePort()),
    POSTGRES_PORT: String(await freePort()),
    POOLER_PROXY_PORT_TRANSACTION: String(await freePort()),
  };
  const envFile = join(directory, 'supafleet.env');
  await writeFile(envFile, `${template}${secrets}${lines(chosen)}`, { mode: 0o600 });
  const files = ['docker-compose.yml', join(overlay, 'docker-compose.supafleet.yml')];
  const compose = async (args: string[], other: Record<string, string> = {}) => {
    const more = join(directory, `other-${randomBytes(3).toString('hex')}.env`);
    await writeFile(more, lines(other));
    const envFiles = ['upstream.env', envFile, more].flatMap((path) => ['--env-file', path]);
    const options = ['--project-name', project, ...files.flatMap((path) => ['-f', path]), ...envFiles];
    const surroundings = { cwd: upstream, env: engine.environment, timeout: 120_000, maxBuffer: 64 * 1024 * 1024 };
    return (await promisify(execFile)('docker', ['compose', ...options, ...args], surroundings)).stdout;
  };
  return {
    url,
    project,
    settings: { ...chosen, ...readLines(secrets) },
    compose,
    remove: async () => void (await compose(['down', '--volumes', '--timeout', '2'])),
  };
}

function lines(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join('');
}

function readLines(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/^(\w+)='(.*)'$/gm)].map(([, name = '', value = '']) => [name, value]));
}
