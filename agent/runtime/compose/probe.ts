import { RuntimeFailure } from '../../runtime-failure.ts';
import { probeRequest } from '../probe-request.ts';
import { readEdgeFile } from './edge-file.ts';
import type { Host } from './host.ts';
import { projectPaths } from './paths.ts';

/** An authenticated request through the project's own listener of the edge that reaches Postgres. */
export async function probe(host: Host, ref: string, signal: AbortSignal): Promise<void> {
  const project = await readEdgeFile(projectPaths(host.paths, ref).edge);
  if (project === null || project.state !== 'serving')
    throw new RuntimeFailure('The project does not run on this host');
  const refusal = host.edge.refusal(ref);
  if (refusal !== null) throw new RuntimeFailure(refusal);
  const key = project.keys.apiKeys.find(({ type }) => type === 'secret')?.key ?? project.keys.serviceRoleKey;
  await probeRequest(`http://${project.internal.address}:${project.internal.port}`, key, signal);
}
