import type { ServiceReport } from '../../../schema/agent-protocol.ts';
import { portOffsets } from '../../../schema/stack-spec.ts';
import type { ObservedStack } from '../../deps.ts';
import type { Binaries } from './binaries.ts';
import { namesIn } from './directories.ts';
import type { Host, Stack } from './host.ts';
import { projectPaths, refOfEntry } from './paths.ts';
import { readStamp } from './project-directory.ts';
import { isRestReady } from './rest.ts';
import { stackState } from './stack-state.ts';

/** Every stack that has files here or parts that run, also one whose removal was cut short. */
export async function observe(host: Host): Promise<ObservedStack[]> {
  const names = await namesIn(host.paths.projects);
  const refs = new Set([...names.map(refOfEntry), ...host.stacks.keys()].filter((ref) => ref !== null));
  const versions = await host.binaries().catch(() => null); // an apply will say what is wrong with them
  return Promise.all([...refs].sort().map((ref) => observeStack(host, ref, versions)));
}

async function observeStack(host: Host, ref: string, versions: Binaries | null): Promise<ObservedStack> {
  const stack = host.stacks.get(ref);
  const stamp = await readStamp(projectPaths(host.paths, ref));
  return {
    ref,
    specHash: stamp?.specHash ?? null,
    generation: stamp?.generation ?? null,
    state: stackState(stack),
    services: await services(stack, versions),
    gateway: stack?.gateway
      ? { protocol: 'http', endpoint: `localhost:${stack.spec.firstPort + portOffsets.gateway}` }
      : null,
  };
}

async function services(stack: Stack | undefined, versions: Binaries | null): Promise<ServiceReport[]> {
  const runs = stack?.gateway != null;
  const functionsError = stack?.functions?.error() ?? null;
  return [
    service('db', stack?.db?.child.isAlive() ? 'healthy' : ended(stack), versions?.postgresVersion),
    service('rest', await restStatus(stack), versions?.postgrestVersion),
    service('pg_meta', runs ? 'healthy' : ended(stack), versions?.metaVersion),
    {
      ...service(
        'functions',
        runs ? (functionsError === null ? 'healthy' : 'unhealthy') : ended(stack),
        versions?.denoVersion,
      ),
      error: functionsError,
    },
    ...(['auth', 'realtime', 'storage', 'pooler'] as const).map((name) => service(name, 'absent', undefined)),
  ];
}

async function restStatus(stack: Stack | undefined): Promise<ServiceReport['status']> {
  if (stack?.rest == null || !stack.rest.child.isAlive()) return ended(stack);
  return (await isRestReady(stack.rest)) ? 'healthy' : 'unhealthy';
}

/** A part that does not run is as it should be only when the whole stack is stopped. */
function ended(stack: Stack | undefined): ServiceReport['status'] {
  return stackState(stack) === 'stopped' ? 'stopped' : 'unhealthy';
}

function service(
  name: ServiceReport['name'],
  status: ServiceReport['status'],
  version: string | undefined,
): ServiceReport {
  return { name, status, version: version ?? null, error: null };
}
