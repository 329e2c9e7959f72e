import { execFile } from 'node:child_process';
import type { CheckContext } from './check.ts';

const timeoutMs = 15_000;

/** How a program ended. `code` null: it did not start, or was ended because it took too long; `errors` says which. */
export type ToolEnd = { code: number | null; output: string; errors: string };

/** Runs a program of the host with Docker's environment and nothing else of ours. Never rejects. */
export function runTool(
  file: string,
  args: readonly string[],
  { docker, signal }: Pick<CheckContext, 'docker' | 'signal'>,
): Promise<ToolEnd> {
  const env = { ...docker.environment, DOCKER_HOST: `unix://${docker.socketPath}` };
  return new Promise((resolve) => {
    execFile(file, args, { env, timeout: timeoutMs, signal, maxBuffer: 1024 * 1024 }, (error, output, errors) => {
      if (error === null) return resolve({ code: 0, output, errors });
      const code = typeof error.code === 'number' ? error.code : null;
      const why = error.killed === true ? `no end within ${timeoutMs / 1000} s` : (error.code ?? error.message);
      resolve({ code, output, errors: code === null ? String(why) : errors });
    });
  });
}
