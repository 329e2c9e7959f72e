import { realpath } from 'node:fs/promises';
import type { ObservedStack } from '../deps.ts';
import type { DockerPlace } from '../docker-place.ts';
import { createEngine } from '../runtime/compose/engine/engine.ts';
import { createFileReader } from '../runtime/compose/file-state.ts';
import { observe } from '../runtime/compose/observe.ts';
import { hostPaths } from '../runtime/compose/paths.ts';
import type { AgentSettings } from '../settings.ts';
import { labels } from '../stack/labels.ts';

export type LookOptions = {
  dataDir: string;
  hostId: string;
  projectHost: string;
  settings: AgentSettings;
  docker: DockerPlace;
  signal: AbortSignal;
};

/** The stacks of a Docker host as its agent would see them now, beside that agent. Rejects with a RuntimeFailure. */
export async function lookAtStacks(options: LookOptions): Promise<ObservedStack[]> {
  const { hostId, projectHost, settings, docker, signal } = options;
  const engine = createEngine({ socketPath: docker.socketPath });
  const own = [`${labels.host}=${hostId}`];
  const [containers, networks, volumes] = await Promise.all([
    engine.containers(own, signal),
    engine.networks(own, signal),
    engine.volumes(own, signal),
  ]);
  const refs = [...networks, ...volumes].map((found) => found.labels[labels.ref]);
  const traces = new Set(refs.filter((ref) => ref !== undefined));
  const paths = hostPaths(await realpath(options.dataDir));
  const seen = { paths, files: createFileReader(), settings, projectHost, databases: new Map() };
  return observe(seen, { containers, traces, updated: new Set(), blind: null }, signal);
}
