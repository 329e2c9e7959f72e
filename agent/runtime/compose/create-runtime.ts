import { mkdir, realpath } from 'node:fs/promises';
import type { Clock, Log, ObservedStack, Runtime } from '../../deps.ts';
import { metaPort } from '../../host-ports.ts';
import { takeLock } from '../../lock.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import type { AgentSettings } from '../../settings.ts';
import type { ImageMap } from '../../stack/image-map.ts';
import { labels } from '../../stack/labels.ts';
import { createPerProject } from '../per-project.ts';
import { apply } from './apply.ts';
import { createComposeCli, type DockerEnvironment } from './compose-cli.ts';
import { createEdge } from './edge.ts';
import { createEngine } from './engine/engine.ts';
import { withFiles } from './file-failure.ts';
import { createFileReader } from './file-state.ts';
import type { Host } from './host.ts';
import { createHostStack } from './host-stack.ts';
import { clearLeftovers } from './leftovers.ts';
import type { LifeStep } from './life-steps.ts';
import { observe } from './observe.ts';
import { hostPaths } from './paths.ts';
import { probe } from './probe.ts';
import { remove } from './remove.ts';
import { createStackHost } from './stack-host.ts';
import { stop } from './stop.ts';
import { createTender } from './tend.ts';
import { createWatch } from './watch.ts';

export type ComposeOptions = {
  /** the agent's data directory; made when it is missing */
  root: string;
  /** the labels of all it makes carry it */
  hostId: string;
  settings: AgentSettings;
  /** projects are `<ref>.<projectHost>` */
  projectHost: string;
  /** all of the host's ports; the last ten are the host's own */
  portRange: { first: number; last: number };
  /** path of the Docker engine's socket */
  dockerSocket: string;
  /** what Docker's tools get of the environment */
  environment: DockerEnvironment;
  images: ImageMap;
};

export type ComposeDeps = {
  clock: Clock;
  log: Log;
  randomBytes(size: number): Uint8Array;
  /** hears of every step of a project's life once it is done, before the next one */
  onStep?(step: LifeStep): void;
};

export type ComposeRuntime = Runtime & {
  kind: 'compose';
  /** Starts the host's own containers now rather than at the first apply. */
  prepare(signal: AbortSignal): Promise<void>;
  /** Postgres of a running project; null when it does not run here */
  findFrontDoorTarget(ref: string): { host: string; port: number } | null;
};

/**
 * The runtime of real stacks: a directory per project, run by Docker Compose. Claims the root, and adopts what runs there
 * without touching it. Rejects with a RuntimeFailure when another agent works with this root.
 */
export async function createComposeRuntime(options: ComposeOptions, deps: ComposeDeps): Promise<ComposeRuntime> {
  const { hostId, settings, projectHost, dockerSocket } = options;
  await withFiles('Making the data directory', () => mkdir(options.root, { recursive: true, mode: 0o711 }));
  const paths = hostPaths(await realpath(options.root));
  await withFiles('Making the data directory', () => mkdir(paths.projects, { recursive: true, mode: 0o700 }));
  const lock = await takeLock(paths.root, deps.clock);
  try {
    await clearLeftovers(paths, deps);
  } catch (error) {
    await lock.release();
    throw error;
  }
  const closing = new AbortController();
  const onStep = deps.onStep ?? (() => undefined);
  const engine = createEngine({ socketPath: dockerSocket });
  const composeOptions = { root: paths.root, socketPath: dockerSocket, environment: options.environment };
  const compose = createComposeCli(composeOptions, deps);
  const edge = createEdge({ paths, settings, projectHost, closing: closing.signal }, deps);
  const files = createFileReader();
  const stackHost = createStackHost(options, engine);
  const own = [`${labels.host}=${hostId}`];
  const stack = createHostStack(
    {
      hostId,
      paths,
      metaPort: metaPort(options.portRange),
      engine,
      compose,
      edge,
      files,
      stackHost,
      containers: (signal) => engine.containers(own, signal),
      closing: closing.signal,
    },
    { ...deps, onStep },
  );
  const watch = createWatch({ socketPath: dockerSocket, hostId, engine, onEvent: () => undefined }, deps);
  const tender = createTender({ stack, edge, closing: closing.signal }, deps);
  const databases: Host['databases'] = new Map();
  const shared = { hostId, paths, settings, projectHost, engine, compose, edge, stack, watch, files, stackHost };
  const host: Host = { ...shared, ...deps, onStep, databases };
  const perProject = createPerProject();
  let seen: ObservedStack[] = [];

  /** One work at a time for a project; the end of the host cuts it short. */
  function inTurn(ref: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    return perProject(ref, async () => {
      if (closing.signal.aborted) throw new RuntimeFailure('This host is shutting down');
      signal.throwIfAborted();
      try {
        await work(AbortSignal.any([signal, closing.signal]));
      } finally {
        watch.expire();
      }
    });
  }

  return {
    kind: 'compose',
    async prepare(signal) {
      await stack.ensure(signal);
      await edge.load(signal);
    },
    findFrontDoorTarget: (ref) => databases.get(ref) ?? null,
    async observe({ signal }) {
      const { picture, isNew } = await watch.look(signal);
      // also by a picture it has seen: what failed before is due again after its pause
      tender.tend(picture);
      if (!isNew && !seen.some(isStarting)) return seen;
      seen = await observe(host, picture, signal);
      return seen;
    },
    apply: (spec, { specHash, signal }) =>
      inTurn(spec.ref, signal, (limit) => apply(host, spec, { specHash, signal: limit })),
    stop: (ref, { signal }) => inTurn(ref, signal, (limit) => stop(host, ref, limit)),
    remove: (ref, { signal }) => inTurn(ref, signal, (limit) => remove(host, ref, limit)),
    probe: (ref, { signal }) => probe(host, ref, signal),
    async close() {
      closing.abort(new RuntimeFailure('This host is shutting down'));
      await Promise.all([watch.close(), tender.ended()]);
      await lock.release();
    },
  };
}

/** No event tells when a service that starts has got there. */
function isStarting({ services }: ObservedStack): boolean {
  return services.some(({ status }) => status === 'starting');
}
