import { join } from 'node:path';
import type { Clock, Log } from '../../deps.ts';
import { endProcesses } from '../end-processes.ts';
import { namesIn, removeTree } from '../file-tree.ts';
import { rootMarker } from './compose-cli.ts';
import type { HostPaths } from './paths.ts';

/**
 * Ends what an agent that died left at work on this root: Docker Compose, never a container. Two of them on one project
 * would be in each other's way.
 */
export async function clearLeftovers(paths: HostPaths, deps: { clock: Clock; log: Log }): Promise<void> {
  const ended = await endProcesses(({ environment }) => environment.get(rootMarker) === paths.root, ladder, deps.clock);
  if (ended > 0) deps.log.info('ended what an earlier agent had begun', { processes: ended });
  for (const name of await namesIn(paths.projects)) {
    if (/^[a-z]{20}\.removing$/.test(name)) await removeTree(join(paths.projects, name));
  }
}

const ladder = [
  { signal: 'SIGTERM', waitMs: 2_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
] as const;
