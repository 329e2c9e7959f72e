import { spawn } from 'node:child_process';
import { RuntimeFailure } from '../../runtime-failure.ts';
import { baseEnvironment, type Identity, markerNames } from './child.ts';

type ToolOptions = {
  /** the host's data directory, as for every child: one that outlives its agent is found by it */
  root: string;
  identity?: Identity;
  workingDirectory?: string;
  /** ends the tool; the call still waits until it is gone */
  signal?: AbortSignal;
};

/** Runs a short program to its end and answers what it printed. Rejects with a RuntimeFailure when it fails. */
export async function runTool(program: string, parameters: readonly string[], options: ToolOptions): Promise<string> {
  options.signal?.throwIfAborted();
  const identity = options.identity ?? null;
  const child = spawn(program, parameters, {
    cwd: options.workingDirectory ?? '/',
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...baseEnvironment, NO_COLOR: '1', [markerNames.root]: options.root },
    ...(identity === null ? {} : { uid: identity.uid, gid: identity.gid }),
  });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-outputLimit);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-outputLimit);
  });
  const abort = () => child.kill('SIGKILL');
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    options.signal?.throwIfAborted();
    if (code === 0) return output;
  } catch (cause) {
    options.signal?.throwIfAborted();
    throw new RuntimeFailure(`${program} cannot be run: ${cause instanceof Error ? cause.message : 'unknown'}`, {
      cause,
    });
  } finally {
    options.signal?.removeEventListener('abort', abort);
  }
  const said = errors.trim().split('\n').at(-1) ?? '';
  throw new RuntimeFailure(`${program} failed${said === '' ? '' : `: ${said}`}`);
}

const outputLimit = 8_192;
