import { connect } from 'node:net';
import type { Clock } from '../../../deps.ts';
import { RuntimeFailure } from '../../../runtime-failure.ts';
import { retry } from '../../retry.ts';
import { type Child, type Identity, startChild } from '../child.ts';
import { freePort } from '../ports.ts';
import type { SharedLog } from './shared-log.ts';

export type FunctionWorker = { child: Child; port: number; stop(): Promise<void> };

export type WorkerOptions = {
  root: string;
  ref: string;
  slug: string;
  entry: string;
  functionDirectory: string;
  /** code that functions of a project share */
  sharedDirectory: string;
  /** Deno keeps what it downloaded and compiled here */
  cacheDirectory: string;
  log: SharedLog;
  deno(): Promise<string>;
  identity: Identity;
  /** all a function learns from its surroundings */
  environment: Record<string, string>;
  clock: Clock;
  signal: AbortSignal;
};

/** The first start may have to download what the function imports. */
const startTimeoutMs = 60_000;

/**
 * Runs one function in a Deno of its own: it reads its own and the shared directory, reaches the network, writes nothing
 * and starts nothing. Resolves once it listens.
 */
export async function startWorker(options: WorkerOptions): Promise<FunctionWorker> {
  const port = await freePort();
  const child = await startChild({
    root: options.root,
    ref: options.ref,
    service: 'functions',
    command: await options.deno(),
    arguments: [
      'run',
      '--no-prompt',
      '--quiet',
      '--no-lock',
      '--node-modules-dir=none',
      '--allow-net',
      '--allow-env',
      `--allow-read=${options.functionDirectory},${options.sharedDirectory}`,
      '--v8-flags=--max-old-space-size=150',
      options.entry,
    ],
    environment: {
      ...options.environment,
      DENO_DIR: options.cacheDirectory,
      DENO_NO_UPDATE_CHECK: '1',
      DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`,
      NO_COLOR: '1',
    },
    identity: options.identity,
    workingDirectory: options.functionDirectory,
    output: options.log.outputOf(options.slug),
  });
  const stop = () => child.stop([{ signal: 'SIGTERM', waitMs: 1_000 }]);
  try {
    await retry(() => listens(child, port, options.slug), {
      clock: options.clock,
      signal: options.signal,
      timeoutMs: startTimeoutMs,
      everyMs: 10,
      what: `The function ${options.slug} did not call Deno.serve`,
    });
    return { child, port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function listens(child: Child, port: number, slug: string): Promise<true | null> {
  if (!child.isAlive()) throw new RuntimeFailure(`The function ${slug} ended right after its start; its log says why`);
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(null));
    socket.once('connect', () => socket.destroy());
  });
}
