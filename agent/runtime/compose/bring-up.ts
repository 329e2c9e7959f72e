import type { LiveSpec } from '../../../schema/stack-spec.ts';
import type { RenderedStack } from '../../stack/rendered-stack.ts';
import { convergeDatabase } from './converge-database.ts';
import { type DatabasePlace, databaseOf } from './database.ts';
import type { EngineContainer } from './engine/container.ts';
import type { Host } from './host.ts';
import type { ProjectPaths } from './paths.ts';

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
      if (!(await helped(converging, host, giveUp))) throw error;
      host.log.info('started once more with the database as it should be', { ref: work.spec.ref });
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

async function up(host: Host, { stack, paths, signal }: BringUp): Promise<void> {
  await host.compose.run({
    project: stack.composeProject,
    directory: paths,
    command: ['up', '--detach', '--wait', '--remove-orphans', '--quiet-pull'],
    images: Object.fromEntries(stack.services.map(({ name, image }) => [name, image])),
    signal,
  });
}
