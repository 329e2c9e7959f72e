import { setTimeout as wait } from 'node:timers/promises';
import { median, type Row } from '../table.ts';
import { containerCpuSeconds, containersOf, memoryOf } from './containers.ts';
import type { BenchFleet } from './fleet.ts';
import { agentOf, cpuSeconds, engineProcesses } from './processes.ts';

const sampleEveryMs = 5_000;

/** What an agent and the engine cost while nothing is asked of them, for so many minutes. */
export async function measureAgent(fleet: BenchFleet, projects: number, minutes: number): Promise<Row[]> {
  const agent = await agentOf(fleet);
  const containers = await containersOf(fleet);
  const engine = await engineProcesses(containers);
  const cpu = async () => ({
    agent: await cpuSeconds([agent]),
    engine: await cpuSeconds(engine),
    containers: (await Promise.all(containers.map((id) => containerCpuSeconds(fleet, id)))).reduce((a, b) => a + b, 0),
  });
  const [started, before] = [performance.now(), await cpu()];
  const calls = fleet.socket.requests();
  const samples: { rss: number; pss: number }[] = [];
  while (performance.now() - started < minutes * 60_000) {
    await wait(sampleEveryMs);
    samples.push(await memoryOf(agent));
  }
  const seconds = (performance.now() - started) / 1000;
  const callsPerSecond = (fleet.socket.requests() - calls) / seconds;
  const after = await cpu();
  const share = (part: keyof typeof before) => `${(((after[part] - before[part]) / seconds) * 100).toFixed(1)} %`;
  const title = `host of ${projects} idle projects (${containers.length} containers), ${minutes} min`;
  return [
    { what: `${title}: agent, most RSS`, value: `${most(samples, 'rss')} MB`, goal: '< 90 MB' },
    { what: `${title}: agent, most PSS`, value: `${most(samples, 'pss')} MB`, goal: '< 90 MB' },
    { what: `${title}: agent, PSS at the end / at first`, value: growth(samples), goal: 'about 1' },
    { what: `${title}: calls to the engine per second`, value: callsPerSecond.toFixed(2), goal: '<= 1' },
    { what: `${title}: CPU of the agent, of a core`, value: share('agent'), goal: '' },
    { what: `${title}: CPU of dockerd, containerd, shims`, value: share('engine'), goal: '' },
    { what: `${title}: CPU in the containers`, value: share('containers'), goal: '' },
  ];
}

function growth(samples: { pss: number }[]): string {
  const pss = samples.map((sample) => sample.pss);
  const quarter = Math.max(1, Math.floor(pss.length / 4));
  return (median(pss.slice(-quarter)) / median(pss.slice(0, quarter))).toFixed(2);
}

function most(samples: { rss: number; pss: number }[], kind: 'rss' | 'pss'): string {
  return Math.max(...samples.map((sample) => sample[kind])).toFixed(0);
}
