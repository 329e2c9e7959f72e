import { type ChildProcess, spawn } from 'node:child_process';
import { RuntimeFailure } from '../../runtime-failure.ts';
import type { StopStep } from '../end-processes.ts';
import type { ChildOutput } from './child-output.ts';

type ChildService = 'db' | 'rest' | 'functions' | 'pg_meta' | 'template';

/** A user and group of this machine; null: whoever runs the agent. */
export type Identity = { uid: number; gid: number; name: string } | null;

type ChildOptions = {
  /** the host's data directory: the marker by which a later agent knows the process */
  root: string;
  ref: string | null;
  service: ChildService;
  command: string;
  arguments: string[];
  environment: Record<string, string>;
  identity: Identity;
  workingDirectory: string;
  /** closed when the child has said its last word, or could not be started */
  output: ChildOutput;
  /** opens a message channel to a Node child */
  channel?: boolean;
};

export type Child = {
  pid: number;
  service: ChildService;
  process: ChildProcess;
  isAlive(): boolean;
  exited: Promise<ChildExit>;
  /** Sends the signals one after the other until it is gone; SIGKILL is always the last. */
  stop(ladder: StopStep[]): Promise<void>;
};

type ChildExit = { code: number | null; signal: NodeJS.Signals | null };

/**
 * Starts a child of this host: a clean environment with our markers, its own process group so that a Ctrl-C reaches the
 * agent alone. Rejects with a RuntimeFailure when the program cannot be run.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { output } = options;
  const child = spawn(options.command, options.arguments, {
    cwd: options.workingDirectory,
    detached: true,
    stdio: options.channel ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    env: { ...baseEnvironment, ...options.environment, ...markers(options) },
    ...(options.identity === null ? {} : { uid: options.identity.uid, gid: options.identity.gid }),
  });
  for (const stream of [child.stdout, child.stderr]) {
    const writer = output.writer();
    stream?.on('data', writer.write);
    stream?.once('end', writer.end);
  }
  child.once('close', () => output.close());
  const exited = new Promise<ChildExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => {
      output.close();
      reject(new RuntimeFailure(`${options.command} cannot be started: ${error.message}`, { cause: error }));
    });
  });
  const { pid } = child;
  if (pid === undefined) throw new RuntimeFailure(`${options.command} was started without a process id`);
  child.on('error', () => undefined); // a signal or message that came too late; `exited` tells the rest
  const isAlive = () => child.exitCode === null && child.signalCode === null;
  return {
    pid,
    service: options.service,
    process: child,
    isAlive,
    exited,
    stop: (ladder) => stopChild(child, exited, ladder),
  };
}

/** The environment variables by which a process of ours is known after a crash. */
function markers(options: Pick<ChildOptions, 'root' | 'ref' | 'service'>): Record<string, string> {
  return {
    [markerNames.root]: options.root,
    [markerNames.service]: options.service,
    ...(options.ref === null ? {} : { [markerNames.ref]: options.ref }),
  };
}

/** The environment variables that say whose a process is: its host, its project, its service. */
export const markerNames = { root: 'SUPAFLEET_ROOT', ref: 'SUPAFLEET_REF', service: 'SUPAFLEET_SERVICE' } as const;

/** All that every child is told besides what is its own. */
export const baseEnvironment = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  HOME: '/nonexistent',
  LANG: 'C.UTF-8',
  TZ: 'UTC',
};

/** Whether the child ends by itself within this time. */
export function endsWithin(child: Pick<Child, 'exited'>, waitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), waitMs);
    child.exited.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

async function stopChild(child: ChildProcess, exited: Promise<ChildExit>, ladder: StopStep[]): Promise<void> {
  for (const step of [...ladder, { signal: 'SIGKILL' as const, waitMs: 5_000 }]) {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(step.signal);
    if (await endsWithin({ exited }, step.waitMs)) return;
  }
  throw new RuntimeFailure(`process ${child.pid} does not end`);
}
