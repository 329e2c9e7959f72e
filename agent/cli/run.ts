import { readFile } from 'node:fs/promises';
import { createControlPlane } from '../control-plane.ts';
import { haltKind } from '../control-plane-failure.ts';
import type { Clock, Log, Runtime } from '../deps.ts';
import { sayFarewell } from '../farewell.ts';
import { loadOrCreateCertificate } from '../front-door/certificate.ts';
import { type FrontDoor, openFrontDoor } from '../front-door/front-door.ts';
import { greet } from '../greet.ts';
import { projectPorts } from '../host-ports.ts';
import { signingKeyOf } from '../keys.ts';
import { runLoop } from '../loop.ts';
import { RuntimeFailure } from '../runtime-failure.ts';
import { type JoinedHost, joinedHost } from './joined-host.ts';
import type { Machine } from './machine.ts';
import { type OpenRuntime, openRuntime } from './runtimes.ts';

/** Sent over the IPC channel, if the agent was started with one. */
export type ReadyMessage = { kind: 'ready'; frontDoorPort: number | null; relocated: string | null };

/** `frontDoorPort` null: the one of the settings */
export type RunOptions = { dataDir: string; frontDoorPort: number | null };

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
/** A control plane that is away must not keep the databases' door shut for long. */
const greetingTimeoutMs = 3_000;

/**
 * `supafleet-agent run`: works until `stop` is aborted, then ends everything in order. Rejects with a
 * `ControlPlaneFailure` of a halting kind, a `UsageError` or a `RuntimeFailure` (this machine cannot run it, or another
 * agent works with this directory).
 */
export async function runCommand(options: RunOptions, deps: RunDeps, stop: AbortSignal): Promise<void> {
  const joined = await joinedHost(options.dataDir);
  await refuseToStartUnserved(joined, deps, stop);
  if (!stop.aborted) await work(joined, options, deps, stop);
}

/** An agent that this control plane does not serve ends before it touches anything. */
async function refuseToStartUnserved({ host }: JoinedHost, { clock, log }: RunDeps, stop: AbortSignal): Promise<void> {
  try {
    await greet(host.url, clock, { timeoutMs: greetingTimeoutMs, signal: stop });
  } catch (error) {
    if (haltKind(error) !== null) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    if (!stop.aborted) log.warn('the control plane does not answer; what runs is looked after', { reason });
  }
}

async function work(joined: JoinedHost, options: RunOptions, deps: RunDeps, stop: AbortSignal): Promise<void> {
  const { clock, log, machine } = deps;
  const { host } = joined;
  // first of all: it claims the directory, so that nothing else of it is touched beside another agent
  const opened = await openRuntime(joined, deps);
  const { runtime, isKnown } = withMemory(opened);
  let frontDoor: FrontDoor | null = null;
  let farewell = async () => {};
  try {
    // a failure is told again, with its reason, by the first project that needs what is missing
    opened.prepare(stop).catch((error: unknown) => {
      if (!stop.aborted) log.warn('preparing the runtime failed', { error: String(error) });
    });
    frontDoor = await tryOpenFrontDoor(joined, options, opened, isKnown, deps);
    const facts = {
      agentVersion: machine.agentVersion,
      runtime: runtime.kind,
      projectHost: host.projectHost,
      frontDoor: frontDoor === null ? null : { host: frontDoor.host, port: frontDoor.port },
      portRange: projectPorts(host.portRange, runtime.kind),
    };
    const identity = { url: host.url, hostId: host.hostId, privateKey: signingKeyOf(host.privateKey) };
    const controlPlane = createControlPlane(identity, clock);
    const { relocated } = opened;
    log.info('ready', {
      hostId: host.hostId,
      url: host.url,
      runtime: runtime.kind,
      frontDoor: facts.frontDoor,
      relocated,
    });
    deps.onReady({ kind: 'ready', frontDoorPort: frontDoor?.port ?? null, relocated });
    farewell = () => sayFarewell(controlPlane, runtime, facts, deps);
    const loop = runLoop({ clock, log, random: deps.random, controlPlane, runtime, facts }, stop);
    await Promise.race([loop, afterAbort(stop).then(() => clock.sleep(graceMs))]);
  } finally {
    await frontDoor?.close();
    await opened.close();
    // a control plane that sent this agent away wants no word from it
    if (stop.aborted) await farewell();
    log.info('stopped');
  }
}

/** A host without a front door still serves its projects' gateways. */
async function tryOpenFrontDoor(
  joined: JoinedHost,
  { frontDoorPort }: RunOptions,
  runtime: OpenRuntime,
  isKnown: (ref: string) => boolean,
  deps: RunDeps,
): Promise<FrontDoor | null> {
  const { host, settings } = joined;
  const { projectHost } = host;
  const certificate = (await operatorsCertificate(joined, deps)) ?? (await ownCertificate(joined, deps));
  const resolve = async (ref: string) => runtime.findFrontDoorTarget(ref) ?? (isKnown(ref) ? 'stopped' : null);
  const firstPort = frontDoorPort ?? settings.frontDoor.port;
  try {
    return await openFrontDoor(
      { host: settings.frontDoor.address, firstPort, projectHost, certificate, resolve },
      deps,
    );
  } catch (error) {
    if (!(error instanceof RuntimeFailure)) throw error;
    deps.log.error('no Postgres front door on this host', { reason: error.message });
    return null;
  }
}

/** The wildcard certificate the edge serves as well; null when there is none, or it cannot be read. */
async function operatorsCertificate(
  { settings: { edge } }: JoinedHost,
  { log }: RunDeps,
): Promise<{ key: string; cert: string } | null> {
  if (edge.kind !== 'names' || edge.certificates?.kind !== 'files') return null;
  const { certificate, key } = edge.certificates;
  try {
    return { cert: await readFile(certificate, 'utf8'), key: await readFile(key, 'utf8') };
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    log.error("the operator's certificate cannot be read; the front door uses its own", { certificate, reason });
    return null;
  }
}

function ownCertificate({ dataDir, host }: JoinedHost, { clock }: RunDeps): Promise<{ key: string; cert: string }> {
  const names = [...new Set([host.projectHost, `*.${host.projectHost}`, 'localhost', '127.0.0.1'])];
  return loadOrCreateCertificate(dataDir, names, clock);
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
