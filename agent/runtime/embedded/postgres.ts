import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { nullWhenAbsent } from '../../absence.ts';
import type { Clock } from '../../deps.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import { endProcesses, type StopStep } from '../end-processes.ts';
import { probedTable } from '../probed-table.ts';
import { retry } from '../retry.ts';
import { sessionOptions } from '../session-options.ts';
import { type Child, startChild } from './child.ts';
import { toFile } from './child-output.ts';
import { writeConfig } from './directories.ts';
import type { Host } from './host.ts';
import { lastFatal, lengthOf } from './last-fatal.ts';
import { postgresConfig, templatePort } from './postgres-config.ts';

export type RunningPostgres = { child: Child; socketDirectory: string; port: number };

type PostgresPlace = {
  ref: string | null;
  data: string;
  config: string;
  socketDirectory: string;
  /** null: no TCP */
  port: number | null;
  logFile: string;
};

/** Fast shutdown first; when it does not end in time, an immediate one, which Postgres recovers from at its next start. */
const postgresStopLadder: StopStep[] = [
  { signal: 'SIGINT', waitMs: 5_000 },
  { signal: 'SIGQUIT', waitMs: 1_000 },
];

type PostgresHost = Pick<Host, 'paths' | 'identity' | 'agentUser' | 'clock' | 'log' | 'binaries' | 'onStep'>;

/** Starts Postgres on this data and resolves once it takes connections, after crash recovery when there is any to do. */
export async function startPostgres(
  host: PostgresHost,
  place: PostgresPlace,
  signal: AbortSignal,
): Promise<RunningPostgres> {
  const { postgres } = await host.binaries();
  const { socketDirectory } = place;
  const texts = postgresConfig({ ...place, directory: place.config, agentUser: host.agentUser });
  await writeConfig(place.config, texts);
  await clearAfterCrash(place.data, host.clock);
  signal.throwIfAborted();
  const logged = await lengthOf(place.logFile);
  const child = await startChild({
    root: host.paths.root,
    ref: place.ref,
    service: place.ref === null ? 'template' : 'db',
    command: postgres,
    arguments: ['-D', place.data, `--config-file=${join(place.config, 'postgresql.conf')}`],
    environment: {},
    identity: host.identity,
    workingDirectory: place.data,
    output: toFile(place.logFile, host.log, probedTable),
  });
  if (place.ref !== null) host.onStep('database spawned');
  const running = { child, socketDirectory, port: place.port ?? templatePort };
  try {
    await retry(() => answers(running, () => whyEnded(host.clock, place.logFile, logged)), {
      clock: host.clock,
      signal,
      timeoutMs: 60_000,
      everyMs: 10,
      what: 'Postgres did not take connections',
    });
    return running;
  } catch (error) {
    await child.stop(postgresStopLadder);
    throw error;
  }
}

/** Ends it in order, or by force when that takes too long; its data stays sound either way. */
export async function stopPostgres(running: RunningPostgres): Promise<void> {
  await running.child.stop(postgresStopLadder);
}

/** Runs `work` in a session of the bootstrap superuser, over the socket: the system vouches for us, no password. */
export async function asSuperuser<T>(
  running: Omit<RunningPostgres, 'child'>,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({
    host: running.socketDirectory,
    port: running.port,
    user: 'supabase_admin',
    database: 'postgres',
    connectionTimeoutMillis: 5_000,
    application_name: 'supafleet',
    options: sessionOptions,
  });
  // A server that goes away between two queries is told by the next query.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function answers(running: RunningPostgres, why: () => Promise<string>): Promise<true | null> {
  if (!running.child.isAlive()) throw new RuntimeFailure(`Postgres ended right after its start${await why()}`);
  try {
    return await asSuperuser(running, async () => true as const);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // No socket yet, nobody behind it yet, or "the database system is starting up".
    if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === '57P03') return null;
    throw new RuntimeFailure(
      `Postgres refuses the agent: ${error instanceof Error ? error.message : 'unknown reason'}`,
      {
        cause: error,
      },
    );
  }
}

/** The end is known a moment before the last lines have arrived. */
async function whyEnded(clock: Clock, logFile: string, from: number): Promise<string> {
  await clock.sleep(100);
  const reason = await lastFatal(logFile, from);
  return reason === null ? '; the db log of the project says why' : `: ${reason}`;
}

/**
 * A postmaster that was killed can leave a busy server process, which keeps the next one from starting, and its lock
 * file, which Postgres believes when the number in it belongs to another process by now. No postmaster of ours runs
 * when this is called: the agent has one per directory, and ends those of an earlier agent before anything else.
 */
async function clearAfterCrash(data: string, clock: Clock): Promise<void> {
  await endProcesses(({ workingDirectory }) => workingDirectory === data, orphanLadder, clock);
  await nullWhenAbsent(unlink(join(data, 'postmaster.pid')));
}

const orphanLadder: StopStep[] = [
  { signal: 'SIGQUIT', waitMs: 1_500 },
  { signal: 'SIGKILL', waitMs: 5_000 },
];
