import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { callOk } from '../launcher/api.ts';
import type { DevFile } from '../launcher/dev-file.ts';
import type { Installation } from '../test/support/installation.ts';
import { median, type Row } from './table.ts';

type Creation = { ref: string; answeredAt: number; healthyMs: number; pickupMs: number | null };

const created = z.object({ ref: z.string() });
const statusBody = z.object({ status: z.string() });

/** `POST /platform/projects` answered → `ACTIVE_HEALTHY`, for several projects in a row. */
export async function measureCreation(
  dev: DevFile,
  installation: Installation,
  count: number,
): Promise<{ rows: Row[]; refs: string[] }> {
  const creations: Creation[] = [];
  for (let index = 0; index < count; index += 1) creations.push(await create(dev, `bench ${index}`));
  const pickups = await pickupTimes(installation, creations);
  const healthy = creations.map((creation) => creation.healthyMs);
  const [first, last] = [healthy[0] ?? Number.NaN, healthy.at(-1) ?? Number.NaN];
  return {
    refs: creations.map((creation) => creation.ref),
    rows: [
      { what: 'project: created → ACTIVE_HEALTHY, median', value: ms(median(healthy)), goal: '< 3000 ms' },
      { what: 'project: slowest', value: ms(Math.max(...healthy)), goal: '' },
      { what: 'agent: pickup of a new project, median', value: ms(median(pickups)), goal: '<= 1500 ms' },
      { what: `project: number ${count} / first`, value: (last / first).toFixed(2), goal: 'about 1' },
    ],
  };
}

async function create(dev: DevFile, name: string): Promise<Creation> {
  const token = dev.access_token;
  const body = { organization_slug: dev.organization, name, cloud_provider: 'AWS', desired_instance_size: 'micro' };
  const { ref } = created.parse(await callOk(`${dev.url}/platform/projects`, { method: 'POST', token, body }));
  const [answered, answeredAt] = [performance.now(), Date.now()];
  for (;;) {
    const { status } = statusBody.parse(await callOk(`${dev.url}/platform/projects/${ref}/status`, { token }));
    if (status === 'ACTIVE_HEALTHY')
      return { ref, answeredAt, healthyMs: performance.now() - answered, pickupMs: null };
    if (performance.now() - answered > 60_000) throw new Error(`${ref} is ${status} after 60 s`);
    await wait(20);
  }
}

/** From the agent's own log: when it began to work on each project. */
async function pickupTimes(installation: Installation, creations: Creation[]): Promise<number[]> {
  const text = await readFile(join(installation.dataDir, 'logs/agent.log'), 'utf8');
  const events = text.split('\n').flatMap((line): { time: number; line: string }[] => {
    const time = /"time":"([^"]+)"/.exec(line)?.[1];
    return time === undefined ? [] : [{ time: Date.parse(time), line }];
  });
  return creations.flatMap(({ ref, answeredAt }) => {
    const first = events.find((event) => event.line.includes(ref));
    return first === undefined ? [] : [Math.max(0, first.time - answeredAt)];
  });
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`;
}
