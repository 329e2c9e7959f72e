import { type DockerPlace, dockerPlace } from '../agent/docker-place.ts';
import { chooseAddressPool } from '../agent/doctor/choose-address-pool.ts';
import { networksInUse } from '../agent/doctor/networks-in-use.ts';
import { embeddedSettings } from '../agent/embedded-settings.ts';
import type { AgentSettings } from '../agent/settings.ts';
import { readSettings, writeSettings } from '../agent/settings-file.ts';
import { StartFailure } from './failure.ts';

/** What this start was told of Docker. */
export type DockerWishes = {
  /** absolute path; null: what the last start was told, at first upstream's images */
  imageMap: string | null;
  /** `DOCKER_HOST`, `DOCKER_CONFIG` and the like, for the agent */
  environment: Record<string, string>;
};

/** The settings of this machine as a host, made at the first start. Throws a StartFailure when another runtime has it. */
export async function prepareSettings(
  directory: string,
  runtime: AgentSettings['runtime'],
  docker: DockerWishes,
  signal: AbortSignal,
): Promise<AgentSettings> {
  const kept = await readSettings(directory);
  if (runtime === 'embedded') return kept ?? embeddedSettings;
  if (kept === null)
    return { ...(await firstSettings(dockerPlace(docker.environment), signal)), imageMap: docker.imageMap };
  if (docker.imageMap === null || docker.imageMap === kept.imageMap) return kept;
  const changed = { ...kept, imageMap: docker.imageMap };
  await writeSettings(directory, changed);
  return changed;
}

async function firstSettings(docker: DockerPlace, signal: AbortSignal): Promise<AgentSettings> {
  const addressPool = chooseAddressPool(await networksInUse({ docker, signal }, null));
  if (addressPool === null)
    throw new StartFailure('No network from 10.213.0.0/16 to 10.255.0.0/16 is free on this machine');
  return {
    runtime: 'compose',
    edge: { kind: 'ports', address: '127.0.0.1' },
    addressPool,
    imageMap: null,
    frontDoor: { address: '127.0.0.1', port: 5432 },
  };
}
