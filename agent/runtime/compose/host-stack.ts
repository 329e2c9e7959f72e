import { chmod, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { nullWhenAbsent } from '../../absence.ts';
import type { Clock, Log } from '../../deps.ts';
import { portHolder } from '../../port-holder.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import { type RenderedHost, renderHost } from '../../stack/host/render-host.ts';
import type { StackHost } from '../../stack/stack-host.ts';
import { writeWhole } from '../../write-whole.ts';
import type { ComposeCli } from './compose-cli.ts';
import type { Edge } from './edge.ts';
import type { EngineContainer } from './engine/container.ts';
import type { Engine } from './engine/engine.ts';
import { withFiles } from './file-failure.ts';
import type { FileReader } from './file-state.ts';
import type { LifeStep } from './life-steps.ts';
import { type HostPaths, stackPaths } from './paths.ts';
import { createTurns } from './turns.ts';
import { writeDirectory } from './write-directory.ts';

/** The two containers that serve all projects of a host: the edge and postgres-meta. They outlive the agent. */
export type HostStack = {
  /** Starts them when they do not run as they should; else costs one look at the engine. */
  ensure(signal: AbortSignal): Promise<void>;
  /** where postgres-meta listens, and the key with which it opens connection strings */
  meta(): Promise<{ host: string; port: number; key: string }>;
};

type HostStackParts = {
  hostId: string;
  paths: HostPaths;
  /** of postgres-meta, on the loopback interface */
  metaPort: number;
  engine: Engine;
  compose: ComposeCli;
  edge: Edge;
  files: FileReader;
  stackHost(signal: AbortSignal): Promise<StackHost>;
  containers(signal: AbortSignal): Promise<EngineContainer[]>;
  closing: AbortSignal;
};

type HostStackDeps = {
  clock: Clock;
  log: Log;
  randomBytes(size: number): Uint8Array;
  onStep(step: LifeStep): void;
};

export function createHostStack(parts: HostStackParts, deps: HostStackDeps): HostStack {
  const { paths, closing } = parts;
  const place = stackPaths(paths.host);

  async function ensureNow(): Promise<void> {
    const { images, hasStartInterval } = await parts.stackHost(closing);
    const cryptoKey = await withFiles("Reading the host's key", () => metaKey(paths, deps));
    const meta = { port: parts.metaPort, cryptoKey };
    const rendered = renderHost({ hostId: parts.hostId, images, hasStartInterval, meta });
    const found = await parts.containers(closing);
    const isThere = rendered.services.every(({ name, hash }) =>
      found.some((container) => isRight(container, name, hash)),
    );
    if (isThere) return;
    await withFiles("Writing the host's directory", () => makePlaces(paths));
    await writeDirectory(place, rendered.files, { files: parts.files, now: deps.clock.now, onStep: () => undefined });
    deps.onStep('host files written');
    const stranger = await strangerAt(parts.metaPort, found);
    for (const { id, ref, service, state, health } of found) {
      if (ref !== null) continue;
      const isSickMeta = service === 'meta' && health === 'unhealthy' && stranger === null;
      // Compose does not start what is paused, nor waits for one that was unhealthy meanwhile
      if (state === 'paused') await parts.engine.unpauseContainer(id, closing);
      // made anew at once: a stop in order would wait for the clients that wait for it
      if (state === 'paused' || isSickMeta) await parts.engine.removeContainer(id, closing);
    }
    // beside a stranger postgres-meta would look healthy or wait in vain; the edge serves without it
    const wanted = stranger === null ? [] : ['edge'];
    try {
      await up(rendered, wanted);
    } catch (error) {
      closing.throwIfAborted();
      if (!(await isEdgeDown())) throw error;
      deps.log.warn('the edge did not start; once more without what it remembers', {
        reason: error instanceof Error ? error.message : String(error),
      });
      // a configuration that cannot be had any more (an address that is gone) keeps Caddy from starting
      await rm(join(paths.edge, 'config', 'caddy', 'autosave.json'), { force: true });
      await up(rendered, wanted);
    }
    deps.onStep('host stack up');
    await parts.edge.load(closing);
    if (stranger !== null) {
      throw new RuntimeFailure(
        `Port ${parts.metaPort} of 127.0.0.1, which this host keeps for postgres-meta, is in use by ${stranger}: end it`,
      );
    }
  }

  async function isEdgeDown(): Promise<boolean> {
    const edge = (await parts.containers(closing)).find(({ service, ref }) => ref === null && service === 'edge');
    return edge !== undefined && (edge.state !== 'running' || edge.health === 'unhealthy');
  }

  /** `wanted`: names of services; none: all */
  async function up({ composeProject: project, services }: RenderedHost, wanted: readonly string[]): Promise<void> {
    const options = ['up', '--detach', '--wait', '--wait-timeout', '60', '--remove-orphans', '--quiet-pull'];
    const images = Object.fromEntries(services.map(({ name, image }) => [name, image]));
    try {
      const command = [...options, ...wanted];
      await parts.compose.run({ project, directory: place, command, images, signal: closing });
    } catch (error) {
      closing.throwIfAborted();
      if (!(error instanceof RuntimeFailure)) throw error;
      throw new RuntimeFailure(`The host's own edge or postgres-meta does not start. ${error.message}`, {
        cause: error,
      });
    }
  }

  return {
    ensure: createTurns(ensureNow),
    async meta() {
      const key = await withFiles("Reading the host's key", () => metaKey(paths, deps));
      return { host: '127.0.0.1', port: parts.metaPort, key };
    },
  };
}

/** Whether a container is the one that should run. */
function isRight({ ref, service, hash, state, health }: EngineContainer, name: string, wanted: string): boolean {
  const isSick = service === 'meta' && health === 'unhealthy';
  return ref === null && service === name && hash === wanted && state === 'running' && !isSick;
}

/** Who but this host's own postgres-meta listens on its port, in words; null: nobody. */
async function strangerAt(port: number, found: readonly EngineContainer[]): Promise<string | null> {
  const holder = await portHolder(port);
  const own = found.find(({ ref, service, state }) => ref === null && service === 'meta' && state === 'running');
  if (holder === null) return null;
  if (holder === 'unseen') return own === undefined ? 'another process' : null;
  if (own !== undefined && holder.cgroup.includes(own.id)) return null;
  return `another process (${holder.program}, pid ${holder.pid})`;
}

async function makePlaces(paths: HostPaths): Promise<void> {
  for (const path of [paths.projects, paths.host, paths.edge]) {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
  }
}

/** Made once: the connection strings that the projects' routes hold are sealed with it. */
async function metaKey(paths: HostPaths, deps: Pick<HostStackDeps, 'randomBytes'>): Promise<string> {
  const known = (await nullWhenAbsent(readFile(paths.metaKey, 'utf8')))?.trim() ?? '';
  if (/^[0-9a-f]{64}$/.test(known)) return known;
  const made = Buffer.from(deps.randomBytes(32)).toString('hex');
  await mkdir(paths.host, { recursive: true, mode: 0o700 });
  await writeWhole(paths.metaKey, `${made}\n`, 0o600);
  return made;
}
