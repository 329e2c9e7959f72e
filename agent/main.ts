#!/usr/bin/env node
import { randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import colors from 'picocolors';
import manifest from '../package.json' with { type: 'json' };
import type { Answer } from './cli/answer.ts';
import { exitCodeOf, exitCodes } from './cli/exit-codes.ts';
import type { Machine } from './cli/machine.ts';
import { createProgram } from './cli/program.ts';
import { runCommand } from './cli/run.ts';
import { UsageError } from './cli/usage-error.ts';
import { defaultDataDir, readEnvironment } from './config.ts';
import { haltKind } from './control-plane-failure.ts';
import { createLog, systemClock } from './system.ts';

/** The agent ends within 10 s of being asked to, whatever hangs. */
const shutdownMs = 9_500;

const env = readEnvironment(process.env);
const log = createLog((line) => process.stderr.write(line), systemClock.now);
const stop = new AbortController();
const isRoot = process.getuid?.() === 0;
const machine: Machine = {
  node: process.execPath,
  program: realpathSync(fileURLToPath(import.meta.url)),
  user: userInfo().username,
  isRoot,
  temporary: tmpdir(),
  agentVersion: manifest.version,
  env,
};
const paint = colors.createColors(process.stdout.isTTY === true && env.NO_COLOR === undefined);
const { now } = systemClock;
const { signal } = stop;
const deps = { now, clock: systemClock, log, random: Math.random, randomBytes, machine, paint, signal };

const program = createProgram(
  {
    // each command loads what it needs: the agent itself shall stay small
    async join(url, flags) {
      const { joinCommand } = await import('./cli/join.ts');
      print(await joinCommand(url, flags, deps));
    },
    async doctor(options) {
      const { doctorCommand } = await import('./cli/doctor.ts');
      print(await doctorCommand(options, deps));
    },
    async install(options) {
      const { installCommand } = await import('./cli/install.ts');
      print(await installCommand(options, deps));
    },
    async uninstall() {
      const { uninstallCommand } = await import('./cli/install.ts');
      print(await uninstallCommand(deps));
    },
    async leave(options) {
      const { leaveCommand } = await import('./cli/leave.ts');
      print(await leaveCommand(options, deps));
    },
    async render(options) {
      const { renderCommand } = await import('./cli/render.ts');
      print(await renderCommand(options, deps));
    },
    async run(options) {
      listenForTheEnd();
      const onReady = (message: object) => process.send?.(message);
      await runCommand(options, { ...deps, onReady }, signal);
    },
  },
  { version: manifest.version, dataDir: defaultDataDir(env, isRoot), name: hostname().slice(0, 100) },
);

try {
  await program.parseAsync();
  process.exit(process.exitCode ?? exitCodes.done);
} catch (error) {
  process.exit(exitCode(error));
}

function print({ text, exitCode: code }: Answer): void {
  process.stdout.write(text);
  process.exitCode = code;
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
  if (kind !== null) return exitCodeOf(kind);
  return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
}
