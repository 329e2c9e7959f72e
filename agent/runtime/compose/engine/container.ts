import type { z } from 'zod';
import { labels } from '../../../stack/labels.ts';
import type { containerList } from './wire.ts';

/** One container of ours as the engine lists it. */
export type EngineContainer = {
  id: string;
  name: string;
  /** whose it is; null: nobody's who labels */
  hostId: string | null;
  /** null: it serves the whole host */
  ref: string | null;
  service: string;
  /** `RenderedService.hash` it was made with */
  hash: string | null;
  /** Docker Compose's own hash of the definition it was made with */
  configHash: string | null;
  image: string;
  /** made by `docker compose run`: no part of the stack */
  isOneOff: boolean;
  state: 'created' | 'running' | 'paused' | 'restarting' | 'exited';
  /** `none`: it has no health check, or does not run */
  health: 'healthy' | 'unhealthy' | 'starting' | 'none';
  /** its addresses by the names of its networks; empty while it does not run */
  addresses: Record<string, string>;
};

/** Reads one entry of the engine's list. */
export function toContainer(entry: z.infer<typeof containerList>[number]): EngineContainer {
  const { Labels } = entry;
  const networks = Object.entries(entry.NetworkSettings?.Networks ?? {});
  return {
    id: entry.Id,
    name: (entry.Names?.[0] ?? entry.Id).replace(/^\//, ''),
    hostId: Labels[labels.host] ?? null,
    ref: Labels[labels.ref] ?? null,
    service: Labels[labels.service] ?? '',
    hash: Labels[labels.hash] ?? null,
    configHash: Labels['com.docker.compose.config-hash'] ?? null,
    image: entry.Image,
    isOneOff: Labels['com.docker.compose.oneoff'] === 'True',
    state: stateOf(entry.State),
    health: healthOf(entry.Status),
    addresses: Object.fromEntries(networks.map(([name, network]) => [name, network?.IPAddress ?? ''])),
  };
}

function stateOf(state: string): EngineContainer['state'] {
  switch (state) {
    case 'created':
    case 'running':
    case 'paused':
    case 'restarting':
      return state;
    default:
      return 'exited'; // also dead, and being removed
  }
}

function healthOf(status: string): EngineContainer['health'] {
  if (!status.startsWith('Up')) return 'none';
  if (status.includes('(healthy)')) return 'healthy';
  if (status.includes('(unhealthy)')) return 'unhealthy';
  return status.includes('(health: starting)') ? 'starting' : 'none';
}
