import { z } from 'zod';
import { readConfig } from './config.ts';
import { StartFailure } from './failure.ts';
import { start } from './start.ts';
import { createSteps } from './steps.ts';

const now = () => Date.now();
const steps = createSteps(process.stdout, now);
const stop = new AbortController();

// the bootstrap's end, a signal: every way to be told to stop is the same
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
process.on('disconnect', () => stop.abort());

try {
  await start(readConfig(process.env, process.cwd()), { steps, now, signal: stop.signal });
  process.exit(0);
} catch (error) {
  process.stderr.write(`${describe(error)}\n`);
  process.exit(1);
}

function describe(error: unknown): string {
  if (error instanceof StartFailure) return `\n${error.message}`;
  if (error instanceof z.ZodError) return `\nThe environment is not usable:\n${z.prettifyError(error)}`;
  return `\nnpm start failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
