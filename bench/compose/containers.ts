import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { engineRequest } from '../../agent/runtime/compose/engine/request.ts';
import { labels } from '../../agent/stack/labels.ts';
import type { BenchFleet } from './fleet.ts';

/** Ids of running containers with a label (`name=value`): those of a fleet's host unless another one is given. */
export async function containersOf(
  { dev, docker }: BenchFleet,
  label = `${labels.host}=${dev.host}`,
): Promise<string[]> {
  const listed = await docker(['container', 'ls', '--quiet', '--no-trunc', '--filter', `label=${label}`]);
  return listed.split('\n').filter((line) => line !== '');
}

/** Proportional memory of all that runs in a container, in MB. */
export async function containerMegabytes({ docker }: BenchFleet, id: string): Promise<number> {
  const [, ...lines] = (await docker(['container', 'top', id, '-eo', 'pid'])).split('\n');
  const pids = lines.map((line) => Number(line.trim())).filter((pid) => pid > 0);
  const memory = await Promise.all(pids.map(memoryOf));
  return memory.reduce((sum, { pss }) => sum + pss, 0);
}

/** In MB. One that ended meanwhile has none. */
export async function memoryOf(pid: number): Promise<{ rss: number; pss: number }> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const megabytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / 1024;
  return { rss: megabytes('Rss'), pss: megabytes('Pss') };
}

const stats = z.object({ cpu_stats: z.object({ cpu_usage: z.object({ total_usage: z.number() }) }) });

/** What a container has used of a core since it was started, health checks included. */
export async function containerCpuSeconds({ socket }: BenchFleet, id: string): Promise<number> {
  const path = `/containers/${id}/stats?stream=false&one-shot=true`;
  const signal = AbortSignal.timeout(30_000);
  const request = { socketPath: socket.socketPath, method: 'GET', path, timeoutMs: 10_000, signal } as const;
  const { text } = await engineRequest(request);
  return stats.parse(JSON.parse(text)).cpu_stats.cpu_usage.total_usage / 1e9;
}
