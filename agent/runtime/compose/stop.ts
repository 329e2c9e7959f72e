import { RuntimeFailure } from '../../runtime-failure.ts';
import { exists } from '../file-tree.ts';
import { containersOf } from './containers-of.ts';
import { readEdgeFile, writeEdgeFile } from './edge-file.ts';
import { withFiles } from './file-failure.ts';
import type { Host } from './host.ts';
import { composeProjectOf } from './names.ts';
import { refuseForeignParts } from './ownership.ts';
import { projectPaths } from './paths.ts';

/** Stops every container of a stack; what does not run is fine. Data stays, and its name answers that it is paused. */
export async function stop(host: Host, ref: string, signal: AbortSignal): Promise<void> {
  const paths = projectPaths(host.paths, ref);
  host.databases.delete(ref);
  await withFiles('Writing the project', async () => {
    const edge = await readEdgeFile(paths.edge);
    if (edge !== null && edge.state !== 'paused') await writeEdgeFile(paths.edge, { ...edge, state: 'paused' });
  });
  await loadEdge(host, ref, signal);
  host.onStep('edge paused');
  await runUnlessBroken(host, ref, ['stop'], signal);
  for (const container of await running(host, ref, signal)) await host.engine.stopContainer(container.id, signal);
  const left = await running(host, ref, signal);
  if (left.length > 0) throw new RuntimeFailure(`The ${left[0]?.service} container does not stop`);
  host.onStep('containers stopped');
}

/**
 * Runs a command of Compose on a whole stack. What it cannot do is left to the caller, who goes by labels: a file that
 * somebody broke, or a namesake of somebody else's, keeps nothing running.
 */
export async function runUnlessBroken(host: Host, ref: string, command: string[], signal: AbortSignal): Promise<void> {
  const paths = projectPaths(host.paths, ref);
  const project = composeProjectOf(ref);
  try {
    await refuseForeignParts(host, ref, signal);
    const isWhole = (await exists(paths.compose)) && (await exists(paths.environment));
    await host.compose.run({ project, directory: isWhole ? paths : null, command, signal });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof RuntimeFailure)) throw error;
    host.log.warn('Docker Compose could not do it; going by labels', { ref, command, reason: error.message });
  }
}

/** An edge that does not answer keeps nobody from stopping: whoever comes finds nothing behind it. */
export async function loadEdge(host: Host, ref: string, signal: AbortSignal): Promise<void> {
  try {
    await host.edge.load(signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof RuntimeFailure)) throw error;
    host.log.warn('the edge could not be told; it is told again', { ref, reason: error.message });
  }
}

async function running(host: Host, ref: string, signal: AbortSignal) {
  const containers = await containersOf(host, ref, signal);
  return containers.filter(({ state }) => state !== 'exited' && state !== 'created');
}
