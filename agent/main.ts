#!/usr/bin/env node
import { randomBytes } from 'node:crypto';
import { hostname, tmpdir, userInfo } from 'node:os';
import { CommanderError } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { exitCodeOf, exitCodes } from './cli/exit-codes.ts';
import { joinCommand } from './cli/join.ts';
import { createProgram } from './cli/program.ts';
import { type Machine, runCommand } from './cli/run.ts';
import { UsageError } from './cli/usage-error.ts';
import { defaultDataDir, readEnvironment } from './config.ts';
import { haltKind } from './control-plane-failure.ts';
import { createLog, systemClock } from './system.ts';

/** The agent ends within 10 s of being asked to, whatever hangs. */
const shutdownMs = 9_500;

const env = readEnvironment(process.env);
const log = createLog((line) => process.stderr.write(line), systemClock.now);
const stop = new AbortController();
const machine: Machine = {
  node: process.execPath,
  user: userInfo().username,
  temporary: tmpdir(),
  agentVersion: manifest.version,
};

const program = createProgram(
  {
    async join(url, flags) {
      process.stdout.write(
        await joinCommand(
          url,
          { token: env.SUPAFLEET_AGENT_TOKEN, ...flags },
          { now: systemClock.now, agentVersion: manifest.version },
        ),
      );
    },
    async run(options) {
      listenForTheEnd();
      const onReady = (message: object) => process.send?.(message);
      const deps = { clock: systemClock, log, random: Math.random, randomBytes, machine, onReady };
      await runCommand(options, deps, stop.signal);
    },
  },
  {
    version: manifest.version,
    dataDir: defaultDataDir(env, process.getuid?.() === 0),
    name: hostname().slice(0, 100),
  },
);

try {
  await program.parseAsync();
  process.exit(process.exitCode ?? exitCodes.done);
} catch (error) {
  process.exit(exitCode(error));
}

function listenForTheEnd(): void {
  // whoever read our lines may be gone: without a reader they are lost, and databases must not end for that
  process.stderr.on('error', () => {});
  // a second one does not kill us on the way
  process.on('SIGTERM', () => end('SIGTERM'));
  process.on('SIGINT', () => end('SIGINT'));
  process.once('disconnect', () => end('the process that started us is gone'));
  process.on('uncaughtException', (error) => {
    log.error('unexpected error', { detail: error.stack ?? error.message });
    process.exitCode = exitCodes.failed;
    end('an unexpected error');
  });
}

function end(because: string): void {
  if (stop.signal.aborted) return;
  stop.abort();
  log.info('stopping', { because });
  setTimeout(() => {
    log.error('not everything stopped in time; the next start ends what is left');
    process.exit(exitCodes.failed);
  }, shutdownMs).unref();
}

function exitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`supafleet-agent: ${message}\n`);
  const kind = haltKind(error);
  if (kind !== null && program.args[0] === 'run') return exitCodeOf(kind);
  return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
}
