import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type ComposeOptions,
  type ComposeRuntime,
  createComposeRuntime,
} from '../../../../agent/runtime/compose/create-runtime.ts';
import type { LifeStep } from '../../../../agent/runtime/compose/life-steps.ts';
import type { AgentSettings } from '../../../../agent/settings.ts';
import { type ImageMap, parseImageMap } from '../../../../agent/stack/image-map.ts';
import { clock, recordingLog } from '../embedded/support.ts';

/** What of an engine these tests need. */
export type TestEngine = {
  socketPath: string;
  environment: ComposeOptions['environment'];
  imageMap: ImageMap;
};

export type TestHost = Pick<ComposeOptions, 'root' | 'hostId' | 'portRange' | 'settings'> & { remove(): Promise<void> };

const { PATH = '', HOME, DOCKER_HOST, DOCKER_CONFIG, IMAGE_MAP } = process.env;

/** Whether there is an engine to work on, and images that it can have. */
export const isUsable = IMAGE_MAP !== undefined;

export function engine(): TestEngine {
  if (IMAGE_MAP === undefined) throw new Error('IMAGE_MAP names no file');
  return {
    socketPath: (DOCKER_HOST ?? 'unix:///var/run/docker.sock').replace(/^unix:\/\//, ''),
    environment: engineEnvironment(),
    imageMap: parseImageMap(readFileSync(IMAGE_MAP, 'utf8')),
  };
}

function engineEnvironment(): ComposeOptions['environment'] {
  return { PATH, ...(HOME === undefined ? {} : { HOME }), ...(DOCKER_CONFIG === undefined ? {} : { DOCKER_CONFIG }) };
}

/** A host of its own beside others on the same engine: another id, other ports, another pool. */
export async function makeHost(place: { firstPort: number; addressPool: string }): Promise<TestHost> {
  const hostId = randomUUID();
  const root = await mkdtemp(join(tmpdir(), 'sf-compose-'));
  const settings: AgentSettings = {
    runtime: 'compose',
    edge: { kind: 'ports', address: '127.0.0.1' },
    addressPool: place.addressPool,
    imageMap: null,
    frontDoor: { address: '127.0.0.1', port: 5432 },
  };
  return {
    root,
    hostId,
    portRange: { first: place.firstPort, last: place.firstPort + 59 },
    settings,
    async remove() {
      await docker('compose', '--project-name', `supafleet-host-${hostId.slice(0, 8)}`, 'down', '--timeout', '2');
      await rm(root, { recursive: true, force: true });
    },
  };
}

export function openRuntime(
  engine: TestEngine,
  host: TestHost,
  onStep: (step: LifeStep) => void = () => undefined,
  log = recordingLog(),
): Promise<ComposeRuntime> {
  return createComposeRuntime(
    {
      ...host,
      projectHost: 'localhost',
      dockerSocket: engine.socketPath,
      environment: engine.environment,
      images: engine.imageMap,
    },
    { clock, log, randomBytes: (size) => randomBytes(size), onStep },
  );
}

/** Runs Docker's own program as an operator would. Rejects with what it wrote to its standard error. */
export async function docker(...words: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('docker', words, {
    env: { ...engineEnvironment(), DOCKER_HOST: `unix://${engine().socketPath}` },
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout;
}

/** What on the engine carries a label, stopped or not. */
export async function idsOf(label: string): Promise<Record<'containers' | 'networks' | 'volumes', string[]>> {
  const filter = ['--quiet', '--filter', `label=${label}`];
  const [containers, networks, volumes] = await Promise.all([
    docker('ps', '--all', ...filter),
    docker('network', 'ls', ...filter),
    docker('volume', 'ls', ...filter),
  ]);
  const lines = (text: string) => text.split('\n').filter((line) => line !== '');
  return { containers: lines(containers), networks: lines(networks), volumes: lines(volumes) };
}
