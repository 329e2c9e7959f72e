import { labels } from '../../stack/labels.ts';
import type { EngineContainer } from './engine/container.ts';
import type { Host } from './host.ts';

/** The containers of one project on this host, as the engine shows them now. */
export function containersOf(host: Host, ref: string, signal: AbortSignal): Promise<EngineContainer[]> {
  return host.engine.containers(labelsOf(host, ref), signal);
}

/** What all of a project on this host carries, as the engine filters by it. */
export function labelsOf({ hostId }: Pick<Host, 'hostId'>, ref: string): string[] {
  return [`${labels.host}=${hostId}`, `${labels.ref}=${ref}`];
}
