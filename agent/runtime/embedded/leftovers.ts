import { join, sep } from 'node:path';
import type { Clock, Log } from '../../deps.ts';
import type { ProcessFacts } from '../../process-table.ts';
import { endProcesses } from '../end-processes.ts';
import { namesIn, removeTree } from '../file-tree.ts';
import { markerNames } from './child.ts';
import type { HostPaths } from './paths.ts';

/**
 * Ends what an agent that died left running on this root, Postgres by its own orderly shutdown, and removes what it had
 * half made or half removed. Only processes with our marker, or at work in our data directories, are touched.
 */
export async function clearLeftovers(paths: HostPaths, deps: { clock: Clock; log: Log }): Promise<void> {
  const ended = await endProcesses((facts) => belongsTo(paths, facts), ladder, deps.clock);
  if (ended > 0) deps.log.info('ended processes of an earlier agent', { count: ended });
  for (const name of await namesIn(paths.projects)) {
    if (/^[a-z]{20}\.(creating|removing)$/.test(name)) await removeTree(join(paths.projects, name));
  }
  for (const name of await namesIn(paths.sockets)) await removeTree(join(paths.sockets, name));
}

/**
 * SIGINT is Postgres's fast shutdown and ends all others as well; SIGQUIT its immediate one, which also ends server
 * processes that lost their parent. Both leave data that recovers.
 */
const ladder = [
  { signal: 'SIGINT', waitMs: 5_000 },
  { signal: 'SIGQUIT', waitMs: 1_500 },
  { signal: 'SIGKILL', waitMs: 5_000 },
] as const;

function belongsTo(paths: HostPaths, { environment, workingDirectory, executable }: ProcessFacts): boolean {
  if (environment.get(markerNames.root) === paths.root) return true;
  // Postgres's server processes overwrite their environment; they work in the data directory, and run our binary.
  const isOurBinary = executable?.startsWith(paths.binaries + sep) ?? false;
  return isOurBinary && (workingDirectory?.startsWith(paths.root + sep) ?? false);
}
