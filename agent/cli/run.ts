import { createControlPlane } from '../control-plane.ts';
import type { Clock, Log, Runtime } from '../deps.ts';
import { sayFarewell } from '../farewell.ts';
import { loadOrCreateCertificate } from '../front-door/certificate.ts';
import { type FrontDoor, openFrontDoor } from '../front-door/front-door.ts';
import { type HostRecord, readHostFile } from '../host-file.ts';
import { signingKeyOf } from '../keys.ts';
import { runLoop } from '../loop.ts';
import { createEmbeddedRuntime, type EmbeddedRuntime } from '../runtime/embedded/create-runtime.ts';
import { RuntimeFailure } from '../runtime-failure.ts';
import { UsageError } from './usage-error.ts';

/** Sent over the IPC channel, if the agent was started with one. */
export type ReadyMessage = { kind: 'ready'; frontDoorPort: number | null; relocated: string | null };

export type RunOptions = { dataDir: string; frontDoorPort: number };

/** What only the process knows. */
export type Machine = { node: string; user: string; temporary: string; agentVersion: string };

export type RunDeps = {
  clock: Clock;
  log: Log;
  random(): number;
  randomBytes(size: number): Uint8Array;
  machine: Machine;
  onReady(message: ReadyMessage): void;
};

/** An action that does not listen may take this long at the end, before the runtime ends it from below. */
const graceMs = 1_500;

/**
 * `supafleet-agent run`: works until `stop` is aborted, then ends everything in order. Rejects with a
 * `ControlPlaneFailure` of a halting kind, a `UsageError` or a `RuntimeFailure` (this machine cannot run it, or another
 * agent works with this directory).
 */
export async function runCommand(options: RunOptions, deps: RunDeps, stop: AbortSignal): Promise<void> {
  const host = await readHostFile(options.dataDir);
  if (host === null || host.hostId === null) {
    throw new UsageError(`${options.dataDir} is not joined to a control plane; run supafleet-agent join first`);
  }
  await work({ ...host, hostId: host.hostId }, options, deps, stop);
}

async function work(
  host: HostRecord & { hostId: string },
  options: RunOptions,
  deps: RunDeps,
  stop: AbortSignal,
): Promise<void> {
  const { clock, log, machine } = deps;
  const place = { root: options.dataDir, temporary: machine.temporary, agentUser: machine.user, node: machine.node };
  // first of all: it claims the directory, so that nothing else of it is touched beside another agent
  const embedded = await createEmbeddedRuntime(place, deps);
  const { runtime, isKnown } = withMemory(embedded);
  let frontDoor: FrontDoor | null = null;
  let farewell = async () => {};
  try {
    // a failure is told again, with its reason, by the first project that needs what is missing
    embedded.prepare(stop).catch((error: unknown) => {
      if (!stop.aborted) log.warn('preparing the runtime failed', { error: String(error) });
    });
    frontDoor = await tryOpenFrontDoor(host, options, embedded, isKnown, deps);
    const facts = {
      agentVersion: machine.agentVersion,
      runtime: runtime.kind,
      projectHost: host.projectHost,
      frontDoor: frontDoor === null ? null : { host: frontDoor.host, port: frontDoor.port },
      portRange: host.portRange,
    };
    const identity = { url: host.url, hostId: host.hostId, privateKey: signingKeyOf(host.privateKey) };
    const controlPlane = createControlPlane(identity, clock);
    log.info('ready', {
      hostId: host.hostId,
      url: host.url,
      frontDoor: facts.frontDoor,
      relocated: embedded.relocated,
    });
    deps.onReady({ kind: 'ready', frontDoorPort: frontDoor?.port ?? null, relocated: embedded.relocated });
    farewell = () => sayFarewell(controlPlane, runtime, facts, deps);
    const loop = runLoop({ clock, log, random: deps.random, controlPlane, runtime, facts }, stop);
    await Promise.race([loop, afterAbort(stop).then(() => clock.sleep(graceMs))]);
  } finally {
    await frontDoor?.close();
    await embedded.close();
    // a control plane that sent this agent away wants no word from it
    if (stop.aborted) await farewell();
    log.info('stopped');
  }
}

/** A host without a front door still serves its projects' gateways. */
async function tryOpenFrontDoor(
  { projectHost }: HostRecord,
  { dataDir, frontDoorPort }: RunOptions,
  runtime: EmbeddedRuntime,
  isKnown: (ref: string) => boolean,
  { clock, log }: RunDeps,
): Promise<FrontDoor | null> {
  const names = [...new Set([projectHost, `*.${projectHost}`, 'localhost', '127.0.0.1'])];
  const certificate = await loadOrCreateCertificate(dataDir, names, clock);
  const resolve = async (ref: string) => runtime.findFrontDoorTarget(ref) ?? (isKnown(ref) ? 'stopped' : null);
  const options = { host: '127.0.0.1', firstPort: frontDoorPort, projectHost, certificate, resolve };
  try {
    return await openFrontDoor(options, { log });
  } catch (error) {
    if (!(error instanceof RuntimeFailure)) throw error;
    log.error('no Postgres front door on this host', { reason: error.message });
    return null;
  }
}

/** The runtime, and which projects it last showed: one that is known and has no Postgres is stopped. */
function withMemory(runtime: Runtime): { runtime: Runtime; isKnown(ref: string): boolean } {
  let known = new Set<string>();
  async function observe(options: { signal: AbortSignal }) {
    const stacks = await runtime.observe(options);
    known = new Set(stacks.map(({ ref }) => ref));
    return stacks;
  }
  return { runtime: { ...runtime, observe }, isKnown: (ref) => known.has(ref) };
}

function afterAbort(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
