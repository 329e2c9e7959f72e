import { join } from 'node:path';
import type { LiveSpec } from '../../../schema/stack-spec.ts';
import { portOffsets } from '../../../schema/stack-spec.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import type { StopStep } from '../end-processes.ts';
import { retry } from '../retry.ts';
import { type Child, startChild } from './child.ts';
import { toFile } from './child-output.ts';
import type { Host } from './host.ts';
import { projectPaths } from './paths.ts';
import { restEnvironment } from './rest-environment.ts';

export type RunningRest = { child: Child; environment: Record<string, string>; adminPort: number };

const ladder: StopStep[] = [{ signal: 'SIGTERM', waitMs: 1_000 }];

/** Starts the data API and resolves once it has read the schema. */
export async function startRest(host: Host, spec: LiveSpec, signal: AbortSignal): Promise<RunningRest> {
  const { postgrest } = await host.binaries();
  const paths = projectPaths(host.paths, spec.ref);
  const environment = restEnvironment(spec, paths.socket);
  const child = await startChild({
    root: host.paths.root,
    ref: spec.ref,
    service: 'rest',
    command: postgrest,
    arguments: [],
    environment,
    identity: host.identity,
    workingDirectory: '/',
    output: toFile(join(paths.logs, 'rest.log'), host.log),
  });
  host.onStep('rest spawned');
  const running = { child, environment, adminPort: spec.firstPort + portOffsets.restAdmin };
  try {
    await retry(() => firstReady(running, signal), {
      clock: host.clock,
      signal,
      timeoutMs: 60_000,
      everyMs: 10,
      what: 'The data API did not get ready',
    });
    return running;
  } catch (error) {
    await child.stop(ladder);
    throw error;
  }
}

/** Ends it, at once if need be: it holds nothing. */
export async function stopRest(running: RunningRest): Promise<void> {
  await running.child.stop(ladder);
}

/** Whether the data API itself says that it can serve: alive, connected, schema read. */
export async function isRestReady(running: RunningRest, signal: AbortSignal): Promise<boolean> {
  if (!running.child.isAlive()) return false;
  try {
    const url = `http://127.0.0.1:${running.adminPort}/ready`;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(1_000)]);
    const response = await fetch(url, { signal: limit, headers: { connection: 'close' } });
    await response.body?.cancel();
    return response.ok;
  } catch {
    signal.throwIfAborted();
    // Not listening, or too busy to answer: not ready either way.
    return false;
  }
}

async function firstReady(running: RunningRest, signal: AbortSignal): Promise<true | null> {
  if (!running.child.isAlive()) {
    throw new RuntimeFailure('The data API ended right after its start; the rest log of the project says why');
  }
  return (await isRestReady(running, signal)) ? true : null;
}
