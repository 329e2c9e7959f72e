import type { LiveSpec } from '../../../schema/stack-spec.ts';
import type { RenderedStack } from '../../stack/rendered-stack.ts';
import { awaitReady } from './await-ready.ts';
import { containersOf } from './containers-of.ts';
import { convergeDatabase } from './converge-database.ts';
import { type DatabasePlace, databaseOf } from './database.ts';
import type { EngineContainer } from './engine/container.ts';
import type { Host } from './host.ts';
import type { ProjectPaths } from './paths.ts';
import { stopSick } from './prepare-containers.ts';

export type BringUp = {
  spec: LiveSpec;
  stack: RenderedStack;
  paths: ProjectPaths;
  found: readonly EngineContainer[];
  signal: AbortSignal;
};

/** how long the database may need after everything else is up, or has failed */
const convergeGraceMs = 60_000;
const hopelessAfterMs = 3_000;

/**
 * Starts the containers and, beside that, converges the database as soon as it answers: services whose password in an
 * old database is another one get ready only then. A start that fails before is therefore tried once more.
 */
export async function bringUp(host: Host, work: BringUp): Promise<void> {
  const giveUp = new AbortController();
  const signal = AbortSignal.any([work.signal, giveUp.signal]);
  host.onStep('up begun');
  const converging = converged(host, work, signal);
  try {
    try {
      await up(host, work);
    } catch (error) {
      work.signal.throwIfAborted();
      const isHelped = await helped(converging, host, giveUp);
      if (!(await reviveSick(host, work)) && !isHelped) throw error;
      host.log.info('started once more', { ref: work.spec.ref, because: messageOf(error) });
      await up(host, work);
    }
    const late = new AbortController();
    const timer = host.clock.sleep(convergeGraceMs, late.signal).then(() => giveUp.abort());
    const outcome = await converging;
    late.abort();
    await timer;
    if (outcome.kind === 'failed') throw outcome.error;
    // what was converged may have been the database that another one took the place of
    if (isReplaced(work)) await convergeDatabase(host, { ...work, place: placeOf(work) });
  } finally {
    giveUp.abort();
    await converging;
  }
}

type Outcome = { kind: 'done'; changed: boolean } | { kind: 'failed'; error: unknown };

/** Never rejects: it is looked at when the start has ended. */
async function converged(host: Host, work: BringUp, signal: AbortSignal): Promise<Outcome> {
  try {
    const changed = await convergeDatabase(host, { ...work, place: placeOf(work), signal });
    host.onStep('database converged');
    return { kind: 'done', changed };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

function placeOf({ spec, stack }: BringUp): DatabasePlace {
  return { ...databaseOf(stack), adminPassword: spec.secrets.services.adminPassword };
}

function isReplaced({ found, stack }: BringUp): boolean {
  const before = found.find(({ service, isOneOff }) => service === 'db' && !isOneOff);
  return before !== undefined && before.hash !== stack.services.find(({ name }) => name === 'db')?.hash;
}

/** Whether converging changed something after all. One whose database does not even answer is not waited for. */
async function helped(converging: Promise<Outcome>, host: Host, giveUp: AbortController): Promise<boolean> {
  const settled = new AbortController();
  const timer = host.clock.sleep(hopelessAfterMs, settled.signal).then(() => {
    if (!settled.signal.aborted) giveUp.abort();
  });
  const outcome = await converging;
  settled.abort();
  await timer;
  return outcome.kind === 'done' && outcome.changed;
}

/** What ran before and lost its health on the way, for want of its database above all, may have it back. */
async function reviveSick(host: Host, { spec, found, signal }: BringUp): Promise<boolean> {
  const before = new Set(found.map(({ id }) => id));
  const now = await containersOf(host, spec.ref, signal);
  return stopSick(
    host,
    now.filter(({ id }) => before.has(id)),
    signal,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function up(host: Host, { stack, paths, signal }: BringUp): Promise<void> {
  await host.compose.run({
    project: stack.composeProject,
    directory: paths,
    // without --wait: Docker asks rarely, by starting a process in each container; the agent asks by network
    command: ['up', '--detach', '--remove-orphans', '--quiet-pull'],
    images: Object.fromEntries(stack.services.map(({ name, image }) => [name, image])),
    signal,
  });
  await awaitReady(host, stack, signal);
}
