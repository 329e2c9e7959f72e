import { rename } from 'node:fs/promises';
import { RuntimeFailure } from '../../runtime-failure.ts';
import { syncDirectory } from '../../write-whole.ts';
import { exists, removeTree } from '../file-tree.ts';
import { labelsOf } from './containers-of.ts';
import { removeEdgeFile } from './edge-file.ts';
import { withFiles } from './file-failure.ts';
import type { Host } from './host.ts';
import { type ProjectPaths, projectPaths } from './paths.ts';
import { loadEdge, runUnlessBroken } from './stop.ts';

/**
 * Leaves nothing of a project: route, containers, network, volumes, and its directory last, so that a removal that was
 * cut short is seen and goes on. Only what carries both labels, this host's and the project's, is touched.
 */
export async function remove(host: Host, ref: string, signal: AbortSignal): Promise<void> {
  const paths = projectPaths(host.paths, ref);
  host.databases.delete(ref);
  await withFiles('Removing the project', () => removeEdgeFile(paths.edge));
  await loadEdge(host, ref, signal);
  host.onStep('route removed');
  await runUnlessBroken(host, ref, ['down', '--volumes', '--remove-orphans', '--timeout', '10'], signal);
  host.onStep('stack down');
  await removeLeftovers(host, ref, signal);
  host.onStep('leftovers removed');
  await removeDirectory(host, paths);
}

async function removeLeftovers(host: Host, ref: string, signal: AbortSignal): Promise<void> {
  const both = labelsOf(host, ref);
  const { engine } = host;
  for (const { id } of await engine.containers(both, signal)) await engine.removeContainer(id, signal);
  for (const { id } of await engine.networks(both, signal)) await engine.removeNetwork(id, signal);
  for (const { name } of await engine.volumes(both, signal)) await engine.removeVolume(name, signal);
  const left = [
    ...(await engine.containers(both, signal)),
    ...(await engine.networks(both, signal)),
    ...(await engine.volumes(both, signal)),
  ];
  if (left.length > 0)
    throw new RuntimeFailure(`Something of the project cannot be removed: ${left.map(({ name }) => name).join(', ')}`);
}

async function removeDirectory(host: Host, paths: ProjectPaths): Promise<void> {
  await withFiles('Removing the project', async () => {
    if (await exists(paths.home)) {
      await removeTree(paths.removing);
      await rename(paths.home, paths.removing);
      await syncDirectory(host.paths.projects);
      host.onStep('directory renamed');
    }
    await removeTree(paths.removing);
    host.files.forget(paths.home);
    host.onStep('directory removed');
  });
}
