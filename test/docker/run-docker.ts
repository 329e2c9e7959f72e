import { execFile } from 'node:child_process';

/** Runs `docker` and answers what it wrote. Rejects with its complaint. */
export async function runDocker(args: string[], env: Record<string, string>, timeoutMs?: number): Promise<string> {
  return (await bothStreams(args, env, timeoutMs)).output;
}

/** As `runDocker`, with what it wrote to its second stream. */
export function bothStreams(args: string[], env: Record<string, string>, timeoutMs = 120_000) {
  return new Promise<{ output: string; complaint: string }>((resolve, reject) => {
    const options = { env, timeout: timeoutMs, killSignal: 'SIGKILL' as const, maxBuffer: 64 * 1024 * 1024 };
    execFile('docker', args, options, (cause, output, complaint) => {
      if (cause === null) resolve({ output, complaint });
      else
        reject(
          new Error(`docker ${args.slice(0, 3).join(' ')} failed: ${complaint.trim() || cause.message}`, { cause }),
        );
    });
  });
}
