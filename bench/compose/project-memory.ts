import { setTimeout as wait } from 'node:timers/promises';
import { labels } from '../../agent/stack/labels.ts';
import type { StackProfile } from '../../schema/stack-profiles.ts';
import type { Row } from '../table.ts';
import { containerMegabytes, containersOf } from './containers.ts';
import type { BenchFleet } from './fleet.ts';
import { plainStack } from './plain-stack.ts';

/** until all of it is up and what was only needed for that is given back */
const settleMs = 10_000;

/** Proportional memory of an idle project by profile, and what upstream adds to each of them: a gateway and a meta. */
export async function measureProjects(fleet: BenchFleet, refs: Record<StackProfile, string>): Promise<Row[]> {
  const own = await ownParts(fleet, refs.minimal);
  const host = await megabytes(
    fleet,
    (await hostParts(fleet)).filter((id) => id !== ''),
  );
  const rows: Row[] = [];
  for (const [profile, ref] of Object.entries(refs)) {
    const ours = await megabytes(fleet, await containersOf(fleet, `${labels.ref}=${ref}`));
    const value = `${ours.toFixed(0)} MB`;
    const upstream = `upstream's way: ${(ours + own).toFixed(0)} MB`;
    rows.push({ what: `memory of an idle project (PSS, stand-in images): ${profile}`, value, goal: upstream });
  }
  const shared = { what: 'memory of edge and meta, once per host (PSS)', value: `${host.toFixed(0)} MB` };
  const note = `per project: ${own.toFixed(0)} MB; no Studio image here, upstream has one more`;
  return [...rows, { ...shared, goal: note }];
}

async function hostParts(fleet: BenchFleet): Promise<string[]> {
  const [edge, meta] = await Promise.all(
    ['edge', 'meta'].map(async (service) => {
      const [ours, such] = await Promise.all([
        containersOf(fleet),
        containersOf(fleet, `${labels.service}=${service}`),
      ]);
      return ours.find((id) => such.includes(id));
    }),
  );
  return [edge ?? '', meta ?? ''];
}

/** Memory of a gateway and a postgres-meta that one project has for itself. */
async function ownParts(fleet: BenchFleet, model: string): Promise<number> {
  const plain = await plainStack(fleet, model, { own: true });
  try {
    await plain.compose('up', '--detach');
    await wait(settleMs);
    const stack = await containersOf(fleet, `com.docker.compose.project=supafleet-${plain.ref}`);
    const services = await containersOf(fleet, `${labels.ref}=${plain.ref}`);
    return await megabytes(
      fleet,
      stack.filter((id) => !services.includes(id)),
    );
  } finally {
    await plain.remove();
  }
}

async function megabytes(fleet: BenchFleet, ids: string[]): Promise<number> {
  const each = await Promise.all(ids.map((id) => containerMegabytes(fleet, id)));
  return each.reduce((sum, size) => sum + size, 0);
}
