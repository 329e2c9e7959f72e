import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { portOffsets } from '../../../schema/stack-spec.ts';
import type { Clock, Log, Runtime } from '../../deps.ts';
import { takeLock } from '../../lock.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import { createPerProject } from '../per-project.ts';
import { shareWhileRunning } from '../share-while-running.ts';
import { apply } from './apply.ts';
import { createBinaries } from './binaries.ts';
import { createWorkerBudget } from './functions/worker-budget.ts';
import type { Host } from './host.ts';
import { clearLeftovers } from './leftovers.ts';
import type { LifeStep } from './life-steps.ts';
import { createMeta } from './meta.ts';
import { observe } from './observe.ts';
import { locatePackages } from './packages.ts';
import { placeHost } from './place-host.ts';
import { probe } from './probe.ts';
import { removeProjectDirectory } from './project-directory.ts';
import { createRestReadiness } from './rest-readiness.ts';
import { stopStack } from './stop.ts';
import { ensureTemplate } from './template.ts';

export type EmbeddedOptions = {
  /** directory of the host's binaries and data; made when it is missing */
  root: string;
  /** where they go when the services' user cannot reach `root` (only as root) */
  systemRoot?: string;
  /** for sockets, when the root's path is too long for one */
  temporary: string;
  /** name of the system user this process runs as */
  agentUser: string;
  /** the Node that runs postgres-meta */
  node: string;
  /** the program of the postgres-meta child, when it is not the one beside this file */
  metaEntry?: string;
  /** how long a statement of Studio's may run */
  queryTimeoutMs?: number;
  /** how many function processes may be there at once */
  functionLimits?: { perProject: number; perHost: number };
};

export type EmbeddedDeps = {
  clock: Clock;
  log: Log;
  randomBytes(size: number): Uint8Array;
  /** hears of every step of a project's life once it is done, before the next one */
  onStep?(step: LifeStep): void;
};

export type EmbeddedRuntime = Runtime & {
  kind: 'embedded';
  /** where everything lies when it could not lie in `root` */
  relocated: string | null;
  /** name of the user the services run as; null: the agent's own */
  servicesUser: string | null;
  /** Installs binaries and makes the template now rather than at the first apply. */
  prepare(signal: AbortSignal): Promise<void>;
  /** Postgres of a running project; null when it does not run here */
  findFrontDoorTarget(ref: string): { host: string; port: number } | null;
};

/**
 * A runtime without Docker: real Postgres, PostgREST, postgres-meta and Deno as child processes. Claims the root, and ends
 * what an earlier agent left running there. Rejects with a RuntimeFailure when this system or root cannot be used.
 */
export async function createEmbeddedRuntime(options: EmbeddedOptions, deps: EmbeddedDeps): Promise<EmbeddedRuntime> {
  const { paths, identity, relocated } = await placeHost({
    root: options.root,
    systemRoot: options.systemRoot ?? '/var/lib/supafleet',
    temporary: options.temporary,
  });
  const lock = await takeLock(paths.root, deps.clock);
  try {
    await clearLeftovers(paths, deps);
  } catch (error) {
    await lock.release();
    throw error;
  }
  const closing = new AbortController();
  const queryTimeoutMs = options.queryTimeoutMs ?? 55_000;
  const entry =
    options.metaEntry ?? fileURLToPath(new URL(`./meta-server${extname(import.meta.url)}`, import.meta.url));
  const packageHome = async () => (await locatePackages()).meta.home;
  const metaOptions = { paths, identity, node: options.node, entry, packageHome, queryTimeoutMs };
  const onStep = deps.onStep ?? (() => undefined);
  const binaries = createBinaries({
    root: paths.root,
    directory: paths.binaries,
    identity,
    signal: closing.signal,
    onStep,
  });
  const base = { ...deps, onStep, paths, identity, agentUser: options.agentUser, binaries };
  const template = shareWhileRunning(() => ensureTemplate(base, closing.signal));
  const host: Host = {
    ...base,
    template: async (signal) => {
      const home = await template();
      signal.throwIfAborted();
      return home;
    },
    meta: createMeta(metaOptions, deps),
    queryTimeoutMs,
    restReadiness: createRestReadiness(),
    functionBudget: createWorkerBudget(options.functionLimits ?? { perProject: 20, perHost: 60 }),
    stacks: new Map(),
  };
  const perProject = createPerProject();

  /** One work at a time for a project; the end of the host cuts it short. */
  function inTurn<T>(ref: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return perProject(ref, async () => {
      if (closing.signal.aborted) throw new RuntimeFailure('This host is shutting down');
      signal.throwIfAborted();
      return work(AbortSignal.any([signal, closing.signal]));
    });
  }

  return {
    kind: 'embedded',
    relocated,
    servicesUser: identity?.name ?? null,
    async prepare(signal) {
      await Promise.all([host.template(signal), host.meta.start()]);
    },
    findFrontDoorTarget(ref) {
      const stack = host.stacks.get(ref);
      if (!stack?.db?.child.isAlive()) return null;
      return { host: '127.0.0.1', port: stack.spec.firstPort + portOffsets.postgres };
    },
    observe: ({ signal }) => observe(host, signal),
    apply: (spec, options) =>
      inTurn(spec.ref, options.signal, (signal) => apply(host, spec, { specHash: options.specHash, signal })),
    stop: (ref, { signal }) => inTurn(ref, signal, () => stopStack(host, ref)),
    remove: (ref, { signal }) =>
      inTurn(ref, signal, async () => {
        await stopStack(host, ref);
        await removeProjectDirectory(host, ref);
      }),
    probe: (ref, { signal }) => probe(host, ref, signal),
    async close() {
      closing.abort(new RuntimeFailure('This host is shutting down'));
      const stops = [...host.stacks.keys()].map((ref) => perProject(ref, () => stopStack(host, ref)));
      const ends = await Promise.allSettled([...stops, host.meta.close(), template.ended(), binaries.ended()]);
      await lock.release();
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    },
  };
}
