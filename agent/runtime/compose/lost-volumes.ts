import { RuntimeFailure } from '../../runtime-failure.ts';
import type { RenderedStack } from '../../stack/rendered-stack.ts';
import { labelsOf } from './containers-of.ts';
import { withFiles } from './file-failure.ts';
import type { Host } from './host.ts';
import { readLedger } from './ledger.ts';
import type { ProjectPaths } from './paths.ts';

/** A volume that was there once holds data: an empty one in its place would look like a database without any. */
export async function refuseLostVolumes(
  host: Host,
  paths: ProjectPaths,
  stack: RenderedStack,
  signal: AbortSignal,
): Promise<void> {
  const { volumes: made } = await withFiles('Reading the project', () => readLedger(paths.ledger));
  const wanted = made.filter((name) => stack.volumes.includes(name) && !name.endsWith('_deno-cache'));
  if (wanted.length === 0) return;
  const there = await host.engine.volumes(labelsOf(host, stack.ref), signal);
  const lost = wanted.filter((name) => !there.some((volume) => volume.name === name));
  if (lost.length === 0) return;
  throw new RuntimeFailure(
    `The volume ${lost.join(' and ')} with the project's data is gone from this host: bring it back, or delete the project`,
  );
}
