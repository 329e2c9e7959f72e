import { dockerPlace } from '../agent/docker-place.ts';
import { withAddressPool } from '../agent/doctor/with-address-pool.ts';
import { embeddedSettings } from '../agent/embedded-settings.ts';
import type { AgentSettings } from '../agent/settings.ts';
import { readSettings, writeSettings } from '../agent/settings-file.ts';

/** What this start was told of Docker. */
export type DockerWishes = {
  /** absolute path; null: what the last start was told, at first upstream's images */
  imageMap: string | null;
  /** `DOCKER_HOST`, `DOCKER_CONFIG` and the like, for the agent */
  environment: Record<string, string>;
};

/** The settings of this machine as a host, chosen at the first start. Rejects with a RuntimeFailure without an engine. */
export async function prepareSettings(
  directory: string,
  runtime: AgentSettings['runtime'],
  docker: DockerWishes,
  signal: AbortSignal,
): Promise<AgentSettings> {
  const kept = await readSettings(directory);
  if (runtime === 'embedded') return kept ?? embeddedSettings;
  if (kept === null) {
    const wanted = { ...embeddedSettings, runtime, addressPool: null, imageMap: docker.imageMap };
    return withAddressPool(wanted, { docker: dockerPlace(docker.environment), signal });
  }
  if (docker.imageMap === null || docker.imageMap === kept.imageMap) return kept;
  const changed = { ...kept, imageMap: docker.imageMap };
  await writeSettings(directory, changed);
  return changed;
}
