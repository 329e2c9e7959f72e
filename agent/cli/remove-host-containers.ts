import type { LookOptions } from '../doctor/look.ts';
import { createEngine } from '../runtime/compose/engine/engine.ts';
import { labels } from '../stack/labels.ts';

/** Removes the two containers that serve a whole host, known by their labels. Rejects with a RuntimeFailure. */
export async function removeHostContainers({ docker, hostId, signal }: LookOptions): Promise<void> {
  const engine = createEngine({ socketPath: docker.socketPath });
  const own = await engine.containers([`${labels.host}=${hostId}`], signal);
  for (const { id } of own.filter(({ ref }) => ref === null)) await engine.removeContainer(id, signal);
}
