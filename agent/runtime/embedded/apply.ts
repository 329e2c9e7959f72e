import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type LiveSpec, portOffsets } from '../../../schema/stack-spec.ts';
import { converge } from '../../converge/converge.ts';
import { type GatewayConfig, openGateway } from '../../edge/gateway.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import type { Binaries } from './binaries.ts';
import { endsWithin } from './child.ts';
import { convergeOptions } from './converge-options.ts';
import { createProjectFunctions } from './functions/create-project-functions.ts';
import type { Host, Stack } from './host.ts';
import { metaConnectionString } from './meta-connection.ts';
import { projectPaths } from './paths.ts';
import { refuseTakenPorts } from './ports.ts';
import { asSuperuser, type RunningPostgres, startPostgres } from './postgres.ts';
import {
  ensureProjectDirectory,
  hasProjectDirectory,
  readStamp,
  removeProjectDirectory,
  writeStamp,
} from './project-directory.ts';
import { startRest, stopRest } from './rest.ts';
import { restEnvironment } from './rest-environment.ts';
import { isWhole } from './stack-state.ts';
import { stopStack } from './stop.ts';

type ApplyOptions = { specHash: string; signal: AbortSignal };

/**
 * Brings a stack to its spec, part by part: what already fits stays as it is. When it fails, a stack that had no
 * database running before, or lost it meanwhile, is stopped whole; one whose database ran on keeps what runs, with the
 * parts that were brought up until then, and its stamp still names the old spec. Data that was there before is never
 * removed, a directory that this call made is.
 */
export async function apply(host: Host, spec: LiveSpec, options: ApplyOptions): Promise<void> {
  const { specHash, signal } = options;
  refuseOtherVersions(spec, await host.binaries());
  const paths = projectPaths(host.paths, spec.ref);
  const current = host.stacks.get(spec.ref);
  if (current !== undefined && current.specHash === specHash && isWhole(current)) {
    const stamp = await readStamp(paths);
    if (stamp?.specHash === specHash && stamp.generation === spec.generation) return;
    return writeStamp(paths, { specHash, generation: spec.generation });
  }
  if (current !== undefined && needsRestart(current.spec, spec)) await stopStack(host, spec.ref);
  const stack = host.stacks.get(spec.ref) ?? emptyStack(spec);
  const before = { ...stack };
  host.stacks.set(spec.ref, stack);
  const isNew = !(await hasProjectDirectory(host, spec.ref));
  try {
    await refuseTakenPorts(portsToOpen(stack, spec));
    await ensureProjectDirectory(host, spec.ref, signal);
    await bringUp(host, stack, spec, signal);
    Object.assign(stack, { spec, specHash });
    await writeStamp(paths, { specHash, generation: spec.generation });
    host.onStep('stamp written');
  } catch (error) {
    if (before.db === null || stack.db === null || !stack.db.child.isAlive()) await stopStack(host, spec.ref);
    if (isNew) await removeProjectDirectory(host, spec.ref);
    throw error;
  }
}

/** Starts what does not run, in the order in which each part needs the one before. */
async function bringUp(host: Host, stack: Stack, spec: LiveSpec, signal: AbortSignal): Promise<void> {
  await bringUpDatabase(host, stack, spec, signal);
  await bringUpRest(host, stack, spec, signal);
  signal.throwIfAborted();
  host.meta.start().catch(() => undefined); // its own status says why not, and a request for it asks again
  const old = stack.functions;
  if (old === null || !isDeepStrictEqual(stack.spec.secrets, spec.secrets)) {
    // the old one lets go of its port and its log first
    stack.functions = null;
    await old?.stop();
    stack.functions = createProjectFunctions(host, spec);
  }
  const config = gatewayConfig(host, stack, spec);
  if (stack.gateway === null) {
    stack.gateway = await openGateway(config, host);
  } else stack.gateway.update(config);
  host.onStep('gateway opened');
}

async function bringUpDatabase(host: Host, stack: Stack, spec: LiveSpec, signal: AbortSignal): Promise<void> {
  const found = stack.db;
  if (found?.child.isAlive()) {
    try {
      return await convergeDatabase(host, found, spec);
    } catch (error) {
      // It may have died a moment ago, before the system told us.
      if (!(await endsWithin(found.child, 500))) throw error;
    }
  }
  const paths = projectPaths(host.paths, spec.ref);
  const place = {
    ref: spec.ref,
    data: paths.data,
    config: paths.config,
    socketDirectory: paths.socket,
    port: spec.firstPort + portOffsets.postgres,
    logFile: join(paths.logs, 'db.log'),
  };
  stack.db = null;
  stack.db = await startPostgres(host, place, signal);
  host.onStep('database started');
  await convergeDatabase(host, stack.db, spec);
  host.onStep('database converged');
  signal.throwIfAborted();
}

async function convergeDatabase(host: Host, db: RunningPostgres, spec: LiveSpec): Promise<void> {
  try {
    await asSuperuser(db, (client) => converge(client, convergeOptions(host, spec.secrets.dbPassword)));
  } catch (cause) {
    if (cause instanceof RuntimeFailure) throw cause;
    const reason = cause instanceof Error ? cause.message : 'unknown reason';
    throw new RuntimeFailure(`The agent's session in the database failed: ${reason}`, { cause });
  }
}

async function bringUpRest(host: Host, stack: Stack, spec: LiveSpec, signal: AbortSignal): Promise<void> {
  const wanted = restEnvironment(spec, projectPaths(host.paths, spec.ref).socket);
  if (stack.rest?.child.isAlive() && isDeepStrictEqual(stack.rest.environment, wanted)) return;
  if (stack.rest !== null) await stopRest(stack.rest);
  stack.rest = null;
  stack.rest = await startRest(host, spec, signal);
  host.onStep('rest started');
}

function gatewayConfig(host: Host, stack: Stack, spec: LiveSpec): GatewayConfig {
  const { functions } = stack;
  return {
    ref: spec.ref,
    host: '127.0.0.1',
    port: spec.firstPort + portOffsets.gateway,
    upstreams: {
      rest: { host: '127.0.0.1', port: spec.firstPort + portOffsets.rest },
      pg_meta: { start: () => host.meta.start() },
      ...(functions === null ? {} : { functions: { start: () => functions.start() } }),
    },
    keys: spec.secrets,
    metaConnectionString: metaConnectionString({
      dbPassword: spec.secrets.dbPassword,
      port: spec.firstPort + portOffsets.postgres,
      queryTimeoutMs: host.queryTimeoutMs,
    }),
  };
}

/** Everything else can change beneath a running database. */
function needsRestart(current: LiveSpec, wanted: LiveSpec): boolean {
  return (
    current.restarts !== wanted.restarts ||
    current.firstPort !== wanted.firstPort ||
    current.postgresVersion !== wanted.postgresVersion ||
    current.size !== wanted.size
  );
}

function portsToOpen(stack: Stack, spec: LiveSpec): number[] {
  const offsets = [
    ...(stack.gateway === null ? [portOffsets.gateway] : []),
    ...(stack.db?.child.isAlive() ? [] : [portOffsets.postgres]),
    ...(stack.rest?.child.isAlive() ? [] : [portOffsets.rest, portOffsets.restAdmin]),
  ];
  return offsets.map((offset) => spec.firstPort + offset);
}

function emptyStack(spec: LiveSpec): Stack {
  return { spec, specHash: '', db: null, rest: null, functions: null, gateway: null };
}

function refuseOtherVersions({ postgresVersion }: LiveSpec, binaries: Binaries): void {
  const [wanted, present] = [postgresVersion.split('.')[0], binaries.postgresVersion.split('.')[0]];
  if (wanted === present) return;
  throw new RuntimeFailure(
    `This host runs Postgres ${present} only, and the project asks for Postgres ${postgresVersion}`,
  );
}
