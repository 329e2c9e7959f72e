import type { ServiceReport } from '../../../schema/agent-protocol.ts';
import { portOffsets } from '../../../schema/stack-spec.ts';
import type { ObservedStack } from '../../deps.ts';
import { namesIn } from '../file-tree.ts';
import type { Binaries } from './binaries.ts';
import type { Host, Stack } from './host.ts';
import { projectPaths, refOfEntry } from './paths.ts';
import { readStamp } from './project-directory.ts';
import { stackState } from './stack-state.ts';

/**
 * Every stack that has files here or parts that run, also one whose removal was cut short. It looks at processes; a data
 * API is asked only when one of them changed.
 */
export async function observe(host: Host, signal: AbortSignal): Promise<ObservedStack[]> {
  const names = await namesIn(host.paths.projects);
  signal.throwIfAborted();
  const refs = new Set([...names.map(refOfEntry), ...host.stacks.keys()].filter((ref) => ref !== null));
  const versions = await host.binaries().catch(() => null); // an apply will say what is wrong with them
  signal.throwIfAborted();
  return Promise.all([...refs].sort().map((ref) => observeStack(host, ref, versions, signal)));
}

async function observeStack(
  host: Host,
  ref: string,
  versions: Binaries | null,
  signal: AbortSignal,
): Promise<ObservedStack> {
  const stack = host.stacks.get(ref);
  const stamp = await readStamp(projectPaths(host.paths, ref));
  return {
    ref,
    specHash: stamp?.specHash ?? null,
    generation: stamp?.generation ?? null,
    state: stackState(stack),
    services: await services(host, stack, versions, signal),
    gateway: stack?.gateway
      ? { protocol: 'http', endpoint: `localhost:${stack.spec.firstPort + portOffsets.gateway}` }
      : null,
    drift: [],
  };
}

type Found = Pick<ServiceReport, 'status' | 'error'>;

async function services(
  host: Host,
  stack: Stack | undefined,
  versions: Binaries | null,
  signal: AbortSignal,
): Promise<ServiceReport[]> {
  const absent: Found = { status: 'absent', error: null };
  return [
    service(
      'db',
      stack?.db?.child.isAlive() ? { status: 'healthy', error: null } : ended(stack),
      versions?.postgresVersion,
    ),
    service('rest', await rest(host, stack, signal), versions?.postgrestVersion),
    service('pg_meta', stack?.gateway ? host.meta.status() : ended(stack), versions?.metaVersion),
    service('functions', functions(stack, versions), versions?.denoVersion),
    ...(['auth', 'realtime', 'storage', 'pooler'] as const).map((name) => service(name, absent, undefined)),
  ];
}

async function rest({ restReadiness }: Host, stack: Stack | undefined, signal: AbortSignal): Promise<Found> {
  if (!stack?.rest?.child.isAlive()) return ended(stack);
  const isReady = await restReadiness.check(stack, signal);
  return { status: isReady ? 'healthy' : 'unhealthy', error: null };
}

/** No process runs before the first call: healthy is what can be started, and did not fail to the last time. */
function functions(stack: Stack | undefined, versions: Binaries | null): Found {
  if (!stack?.gateway || stack.functions === null) return ended(stack);
  const error = versions === null ? 'Deno is not installed on this host' : stack.functions.error();
  return { status: error === null ? 'healthy' : 'unhealthy', error };
}

/** A part that does not run is as it should be only when the whole stack is stopped. */
function ended(stack: Stack | undefined): Found {
  return { status: stackState(stack) === 'stopped' ? 'stopped' : 'unhealthy', error: null };
}

function service(name: ServiceReport['name'], { status, error }: Found, version: string | undefined): ServiceReport {
  return { name, status, version: version ?? null, error };
}
