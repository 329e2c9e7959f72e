import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ComposeOptions,
  type ComposeRuntime,
  createComposeRuntime,
} from '../../../../agent/runtime/compose/create-runtime.ts';
import type { LifeStep } from '../../../../agent/runtime/compose/life-steps.ts';
import type { AgentSettings } from '../../../../agent/settings.ts';
import { parseImageMap } from '../../../../agent/stack/image-map.ts';
import type { EnginePlace } from '../../../docker/find-engine.ts';
import { runDocker } from '../../../docker/run-docker.ts';
import { clock, recordingLog } from '../embedded/support.ts';

export type TestHost = Pick<ComposeOptions, 'root' | 'hostId' | 'portRange' | 'settings'>;

/** A host of its own beside others on the same engine: another id, other ports, another pool. */
export async function makeHost(place: { firstPort: number; addressPool: string }): Promise<TestHost> {
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
    hostId: randomUUID(),
    portRange: { first: place.firstPort, last: place.firstPort + 59 },
    settings,
  };
}

/** Removes the host's own two containers and its directory. */
export async function removeHost(engine: EnginePlace, { hostId, root }: TestHost): Promise<void> {
  const project = `supafleet-host-${hostId.slice(0, 8)}`;
  await runDocker(['compose', '--project-name', project, 'down', '--timeout', '2'], engine.environment);
  await rm(root, { recursive: true, force: true });
}

export function openRuntime(
  engine: EnginePlace,
  host: TestHost,
  onStep: (step: LifeStep) => void = () => undefined,
  log = recordingLog(),
): Promise<ComposeRuntime> {
  const { PATH = '', HOME, DOCKER_CONFIG } = engine.environment;
  return createComposeRuntime(
    {
      ...host,
      projectHost: 'localhost',
      dockerSocket: engine.socketPath,
      environment: { PATH, ...(HOME && { HOME }), ...(DOCKER_CONFIG && { DOCKER_CONFIG }) },
      images: parseImageMap(readFileSync(engine.imageMap, 'utf8')),
    },
    { clock, log, randomBytes: (size) => randomBytes(size), onStep },
  );
}
