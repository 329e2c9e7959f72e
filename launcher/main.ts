import { z } from 'zod';
import { RuntimeFailure } from '../agent/runtime-failure.ts';
import { readConfig } from './config.ts';
import { StartFailure } from './failure.ts';
import { start } from './start.ts';
import { createSteps } from './steps.ts';

const now = () => Date.now();
const wantsColor = !process.env.NO_COLOR && process.env.TERM !== 'dumb';
const steps = createSteps(process.stdout, now, wantsColor);
const stop = new AbortController();

// the bootstrap's end, a signal: every way to be told to stop is the same
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
process.on('disconnect', () => stop.abort());
// a reader that went away, as in `npm start | head`, is one as well; a mishap must not leave the services behind either
process.stdout.on('error', () => stop.abort());
process.stderr.on('error', () => stop.abort());
process.on('uncaughtException', (error) => {
  process.exitCode = 1;
  stop.abort();
  process.stderr.write(`${describe(error)}\n`);
});

try {
  await start(readConfig(process.env, process.cwd()), { steps, now, signal: stop.signal });
  process.exit(process.exitCode ?? 0);
} catch (error) {
  process.stderr.write(`${describe(error)}\n`);
  process.exit(1);
}

function describe(error: unknown): string {
  if (error instanceof StartFailure || error instanceof RuntimeFailure) return `\n${error.message}`;
  if (error instanceof z.ZodError) return `\nThe environment is not usable:\n${z.prettifyError(error)}`;
  return `\nnpm start failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
