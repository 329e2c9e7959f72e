import { RuntimeFailure } from '../../runtime-failure.ts';
import { labels } from '../../stack/labels.ts';
import type { Host } from './host.ts';
import { composeProjectOf } from './names.ts';

/**
 * Whether something that Docker Compose counts to a project's stack is not this agent's: Compose goes by the name alone,
 * and would start, stop or remove it along with the rest.
 */
export async function hasForeignParts(host: Host, ref: string, signal: AbortSignal): Promise<boolean> {
  const named = [`com.docker.compose.project=${composeProjectOf(ref)}`];
  const [containers, networks, volumes] = await Promise.all([
    host.engine.containers(named, signal),
    host.engine.networks(named, signal),
    host.engine.volumes(named, signal),
  ]);
  return (
    containers.some(({ hostId }) => hostId !== host.hostId) ||
    [...networks, ...volumes].some((found) => found.labels[labels.host] !== host.hostId)
  );
}

export async function refuseForeignParts(host: Host, ref: string, signal: AbortSignal): Promise<void> {
  if (!(await hasForeignParts(host, ref, signal))) return;
  throw new RuntimeFailure(
    `Something named ${composeProjectOf(ref)} on this engine is not this agent's, and is not touched: remove it or rename it first`,
  );
}
