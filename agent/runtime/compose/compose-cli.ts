import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock } from '../../deps.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import { composeReason } from './compose-reason.ts';
import type { stackPaths } from './paths.ts';

/** The marker by which a later agent knows a Compose that outlived the one that started it. */
export const rootMarker = 'SUPAFLEET_ROOT';

/** The only variables of the agent's own environment that Docker's tools get. */
export type DockerEnvironment = { PATH: string; HOME?: string; DOCKER_CONFIG?: string };

export type ComposeCall = {
  /** the name Docker Compose knows the stack by */
  project: string;
  /** its directory; null: by name alone, from what the engine knows of it */
  directory: Pick<ReturnType<typeof stackPaths>, 'home' | 'compose' | 'environment'> | null;
  /** the command and its own arguments */
  command: readonly string[];
  /** written to its standard input */
  input?: string;
  /** the stack's images by service, for the words of a failure */
  images?: Readonly<Record<string, string>>;
  signal: AbortSignal;
};

/** Docker Compose as a program: argument arrays, a clean environment, a process group of its own. */
export type ComposeCli = {
  /** Resolves with its standard output. Rejects with a RuntimeFailure that says why, in words for people. */
  run(call: ComposeCall): Promise<string>;
};

type ComposeOptions = { root: string; socketPath: string; environment: DockerEnvironment };

const outputLimit = 64 * 1024;
/** how long it may take to end when it is told to */
const graceMs = 2_000;

export function createComposeCli(options: ComposeOptions, deps: { clock: Clock }): ComposeCli {
  const environment = {
    ...options.environment,
    // whatever else is set, it works on the very engine that the agent looks at
    DOCKER_HOST: `unix://${options.socketPath}`,
    [rootMarker]: options.root,
  };

  async function run(call: ComposeCall): Promise<string> {
    const { signal, directory } = call;
    signal.throwIfAborted();
    const child = spawn('docker', composeArguments(call), {
      cwd: directory?.home ?? '/',
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: environment,
    });
    const said = collect(child);
    const ending = endWhenAborted(child, signal, deps.clock);
    try {
      child.stdin.on('error', () => undefined); // it may have ended before it read: its status tells
      child.stdin.end(call.input ?? '');
      const code = await ended(child);
      signal.throwIfAborted();
      if (code === 0) return said.output();
    } finally {
      ending.stop();
    }
    throw new RuntimeFailure(composeReason(said.errors(), call.images));
  }

  return { run };
}

function composeArguments({ project, directory, command }: ComposeCall): string[] {
  const place =
    directory === null
      ? []
      : ['--project-directory', directory.home, '--file', directory.compose, '--env-file', directory.environment];
  return ['compose', '--ansi', 'never', '--progress', 'plain', '--project-name', project, ...place, ...command];
}

function collect(child: ChildProcess): { output(): string; errors(): string } {
  let [output, errors] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-outputLimit);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-outputLimit);
  });
  return { output: () => output, errors: () => errors };
}

/** Docker's CLI starts Compose as a child of its own: the whole group is ended. */
function endWhenAborted(child: ChildProcess, signal: AbortSignal, clock: Clock): { stop(): void } {
  const settled = new AbortController();
  function abort(): void {
    signalGroup(child, 'SIGTERM');
    clock.sleep(graceMs, settled.signal).then(
      () => signalGroup(child, 'SIGKILL'),
      () => signalGroup(child, 'SIGKILL'),
    );
  }
  signal.addEventListener('abort', abort, { once: true });
  return {
    stop() {
      signal.removeEventListener('abort', abort);
      settled.abort();
    },
  };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function ended(child: ChildProcess): Promise<number | null> {
  try {
    return await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
    throw new RuntimeFailure(
      code === 'ENOENT'
        ? 'Docker Compose cannot be run: there is no `docker` program in the PATH of the agent'
        : `Docker Compose cannot be run: ${code}`,
      { cause },
    );
  }
}
