import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import type { Clock, Log, Runtime } from '../deps.ts';
import { dockerPlace } from '../docker-place.ts';
import type { HostRecord } from '../host-file.ts';
import { RuntimeFailure } from '../runtime-failure.ts';
import type { AgentSettings } from '../settings.ts';
import { type ImageMap, parseImageMap } from '../stack/image-map.ts';
import type { Machine } from './machine.ts';

/** A runtime as the command works with it, whichever it is. */
export type OpenRuntime = Runtime & {
  /** where everything lies when it could not lie in the data directory */
  relocated: string | null;
  prepare(signal: AbortSignal): Promise<void>;
  findFrontDoorTarget(ref: string): { host: string; port: number } | null;
};

export type RuntimePlace = {
  dataDir: string;
  host: HostRecord & { hostId: string };
  settings: AgentSettings;
};

type RuntimeDeps = { clock: Clock; log: Log; randomBytes(size: number): Uint8Array; machine: Machine };

/**
 * Opens the runtime the settings name; the other one's code is not even loaded. Rejects with a RuntimeFailure when this
 * machine cannot run it, or another agent works with the data directory.
 */
export async function openRuntime(place: RuntimePlace, deps: RuntimeDeps): Promise<OpenRuntime> {
  const { runtime } = place.settings;
  switch (runtime) {
    case 'embedded':
      return openEmbedded(place, deps);
    case 'compose':
      return openCompose(place, deps);
    default:
      return runtime satisfies never;
  }
}

async function openEmbedded({ dataDir }: RuntimePlace, deps: RuntimeDeps): Promise<OpenRuntime> {
  const { createEmbeddedRuntime } = await import('../runtime/embedded/create-runtime.ts');
  const { temporary, user, node } = deps.machine;
  return createEmbeddedRuntime({ root: dataDir, temporary, agentUser: user, node }, deps);
}

async function openCompose({ dataDir, host, settings }: RuntimePlace, deps: RuntimeDeps): Promise<OpenRuntime> {
  // it carries no traffic but the front door's, beside containers that need the memory more
  setFlagsFromString('--optimize-for-size');
  const { createComposeRuntime } = await import('../runtime/compose/create-runtime.ts');
  const { socketPath, environment } = dockerPlace(deps.machine.env);
  const options = {
    root: dataDir,
    hostId: host.hostId,
    settings,
    projectHost: host.projectHost,
    portRange: host.portRange,
    dockerSocket: socketPath,
    environment,
    images: await readImageMap(settings.imageMap),
  };
  return Object.assign(await createComposeRuntime(options, deps), { relocated: null });
}

/** The operator's image map; an empty one without a file. Rejects with a RuntimeFailure that names the file. */
export async function readImageMap(path: string | null): Promise<ImageMap> {
  if (path === null) return { images: {} };
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
    throw new RuntimeFailure(`The image map ${path} cannot be read (${code})`, { cause });
  }
  return parseImageMap(text);
}
