import { z } from 'zod';
import { labels } from '../../agent/stack/labels.ts';
import type { DockerEngine } from './engine.ts';

const inspected = z.array(
  z.object({
    Id: z.string(),
    RestartCount: z.int(),
    State: z.object({ Status: z.string(), StartedAt: z.string() }),
    Config: z.object({ Image: z.string(), Labels: z.record(z.string(), z.string()) }),
    HostConfig: z.object({
      Memory: z.int(),
      NetworkMode: z.string(),
      PortBindings: z.record(z.string(), z.unknown()).nullable(),
    }),
    Mounts: z.array(z.object({ Source: z.string(), Destination: z.string() })),
    NetworkSettings: z.object({ Networks: z.record(z.string(), z.object({ IPAddress: z.string() })) }),
  }),
);

export type FleetContainer = {
  id: string;
  /** null: it serves the whole host */
  ref: string | null;
  service: string;
  image: string;
  status: string;
  startedAt: string;
  /** how often the engine had to start it anew */
  restarts: number;
  memoryBytes: number;
  /** ports of the machine that lead to it */
  publishedPorts: string[];
  /** what of the machine, or which volume, it sees */
  sources: string[];
  address: string;
};

/** What the engine says of containers with a label. */
export async function inspectContainers({ run }: DockerEngine, label: string): Promise<FleetContainer[]> {
  const listed = await run(['container', 'ls', '--all', '--quiet', '--no-trunc', '--filter', `label=${label}`]);
  const ids = listed.split('\n').filter((line) => line !== '');
  if (ids.length === 0) return [];
  const found = inspected.parse(JSON.parse(await run(['container', 'inspect', ...ids])));
  return found.map((one) => ({
    id: one.Id,
    ref: one.Config.Labels[labels.ref] ?? null,
    service: one.Config.Labels[labels.service] ?? '',
    image: one.Config.Image,
    status: one.State.Status,
    startedAt: one.State.StartedAt,
    restarts: one.RestartCount,
    memoryBytes: one.HostConfig.Memory,
    publishedPorts: Object.keys(one.HostConfig.PortBindings ?? {}),
    sources: one.Mounts.map(({ Source }) => Source).sort(),
    address: Object.values(one.NetworkSettings.Networks)[0]?.IPAddress ?? '',
  }));
}

/** Which containers these are, and since when each runs: the same as before, when nobody touched them. */
export function lives(containers: ReadonlyMap<string, FleetContainer>): Record<string, string> {
  return Object.fromEntries([...containers].map(([service, { id, startedAt }]) => [service, `${id} ${startedAt}`]));
}
