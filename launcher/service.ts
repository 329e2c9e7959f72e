import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { ignoreAbort } from './ignore-abort.ts';
import { launcherMark } from './orphans.ts';

export type ServiceDefinition = {
  name: string;
  command: string;
  args: string[];
  /** secrets go here, never into `args` */
  environment: Record<string, string>;
  cwd: string;
  /** null: what it writes goes where this process's own output goes */
  logFile: string | null;
  /** an IPC channel, for our own Node processes */
  ipc?: (message: unknown) => void;
  /** clears what an earlier run left in the way, e.g. a socket file */
  prepare?: () => Promise<void>;
  /** exit codes after which another start would end the same way, with what to tell people */
  finalExits?: ReadonlyMap<number, string>;
  /** 1 to 19: gives way to other programs when the processor is short; left out: as this one */
  niceness?: number;
  /** how long it may take to end by itself when asked to */
  stopWithinMs: number;
};

export type Service = {
  name: string;
  /** aborted when it ended in a way that no other start would change */
  givenUp: AbortSignal;
  /** how often it ended without being asked to */
  exits(): number;
  /** resolves once it ended and will not be started again */
  stop(): Promise<void>;
};

const maximumLogBytes = 5 * 1024 * 1024;
const longestPauseMs = 10_000;

/**
 * Runs a program for as long as this process does; one that ends by itself is started again after a growing pause, but
 * for its final exits. `onExit` hears of every end that was not asked for.
 */
export function runService(
  definition: ServiceDefinition,
  options: { dataDir: string; now(): number; onExit(description: string): void },
): Service {
  const stopping = new AbortController();
  const givenUp = new AbortController();
  let child: ChildProcess | undefined;
  let exits = 0;
  const finished = keepRunning();
  return {
    name: definition.name,
    givenUp: givenUp.signal,
    exits: () => exits,
    async stop() {
      stopping.abort();
      await end(child, definition.stopWithinMs);
      await finished;
    },
  };

  async function keepRunning(): Promise<void> {
    let pauseMs = 200;
    while (!stopping.signal.aborted) {
      if (definition.logFile !== null) await rotate(definition.logFile);
      await definition.prepare?.();
      // told to stop meanwhile: then there is nobody yet to be ended
      if (stopping.signal.aborted) return;
      const started = options.now();
      child = start(definition, options.dataDir);
      const description = await outcome(child);
      if (stopping.signal.aborted) return;
      exits += 1;
      const final = definition.finalExits?.get(child.exitCode ?? 0);
      if (final !== undefined) {
        givenUp.abort();
        return options.onExit(`! ${final}`);
      }
      const where = definition.logFile === null ? '' : `; see ${definition.logFile}`;
      options.onExit(`! ${definition.name} ended unexpectedly (${description})${where}`);
      pauseMs = options.now() - started > 30_000 ? 200 : Math.min(pauseMs * 2, longestPauseMs);
      await wait(pauseMs, undefined, { signal: stopping.signal }).catch(ignoreAbort);
    }
  }
}

function start(definition: ServiceDefinition, dataDir: string): ChildProcess {
  const output = definition.logFile === null ? 'inherit' : 'pipe';
  // a group of its own: Ctrl-C reaches only the launcher, which stops everything in order
  const child = spawn(definition.command, definition.args, {
    cwd: definition.cwd,
    detached: true,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...definition.environment, [launcherMark]: dataDir },
    stdio: definition.ipc === undefined ? ['ignore', output, output] : ['ignore', output, output, 'ipc'],
  });
  // none: it could not be started, which its `error` event says
  if (definition.niceness !== undefined && child.pid !== undefined) setPriority(child.pid, definition.niceness);
  if (definition.logFile !== null) writeLog(child, definition.logFile);
  if (definition.ipc !== undefined) child.on('message', definition.ipc);
  return child;
}

function writeLog(child: ChildProcess, path: string): void {
  const log = createWriteStream(path, { flags: 'a', mode: 0o600 });
  // a full disk costs lines of the log, not what runs
  log.on('error', () => child.stdout?.resume() && child.stderr?.resume());
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  child.once('close', () => log.end());
}

async function outcome(child: ChildProcess): Promise<string> {
  try {
    const [code, signal] = await once(child, 'exit');
    return signal === null ? `exit ${String(code)}` : String(signal);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function end(child: ChildProcess | undefined, withinMs: number): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const limit = new AbortController();
  const late = wait(withinMs, 'late', { signal: limit.signal }).catch(ignoreAbort);
  if ((await Promise.race([exited, late])) === 'late') {
    child.kill('SIGKILL');
    await exited;
  }
  limit.abort();
}

async function rotate(logFile: string): Promise<void> {
  const size = await stat(logFile).then(
    (facts) => facts.size,
    () => 0,
  );
  if (size > maximumLogBytes) await rename(logFile, `${logFile}.1`);
}
