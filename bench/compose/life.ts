import { median, type Row } from '../table.ts';
import type { BenchFleet } from './fleet.ts';
import { plainStack } from './plain-stack.ts';

type Plain = { plainUpMs: number; plainAgainMs: number };
type Ours = { createMs: number; restoreMs: number };

/** the control plane tells agents to ask this often */
const pollMs = 1_000;
/** An engine before 25 lets `--wait` wait for half a minute: then one of them has to do. */
const plainForMs = 60_000;

/**
 * A project made, and one restored, as a client of the control plane sees it, beside `docker compose up -d --wait` by
 * hand on the same directory; one after the other with as much else on the machine.
 */
export async function measureLife(fleet: BenchFleet, rounds: number): Promise<{ rows: Row[]; refs: string[] }> {
  const model = fleet.dev.project;
  if (model === null) throw new Error('the first start made no project');
  await fleet.untilStatus(model, 'ACTIVE_HEALTHY');
  const plain: Plain[] = [];
  const ours: Ours[] = [];
  const refs: string[] = [];
  const started = performance.now();
  for (let index = 0; index < rounds; index += 1) {
    if (performance.now() - started < plainForMs) plain.push(await measurePlain(fleet, model));
    const { ref, tookMs } = await fleet.create(`life ${index}`, 'standard');
    refs.push(ref);
    ours.push({ createMs: tookMs, restoreMs: await measureRestore(fleet, ref) });
  }
  const [up, again] = [median(plain.map((one) => one.plainUpMs)), median(plain.map((one) => one.plainAgainMs))];
  const [create, restore] = [median(ours.map((one) => one.createMs)), median(ours.map((one) => one.restoreMs))];
  return {
    refs,
    rows: [
      { what: 'stack: docker compose up --wait on fresh volumes', value: ms(up), goal: '' },
      { what: 'stack: created → ACTIVE_HEALTHY, median', value: ms(create), goal: '' },
      ratio('stack: (created → ACTIVE_HEALTHY - 1 poll) / compose up', create, up),
      { what: 'stack: docker compose up --wait after stop', value: ms(again), goal: '' },
      { what: 'stack: restore → ACTIVE_HEALTHY, median', value: ms(restore), goal: '' },
      ratio('stack: (restore → ACTIVE_HEALTHY - 1 poll) / compose up', restore, again),
    ],
  };
}

async function measurePlain(fleet: BenchFleet, model: string): Promise<Plain> {
  const plain = await plainStack(fleet, model);
  try {
    const plainUpMs = await plain.compose('up', '--detach', '--wait');
    await plain.compose('stop');
    return { plainUpMs, plainAgainMs: await plain.compose('up', '--detach', '--wait') };
  } finally {
    await plain.remove();
  }
}

async function measureRestore(fleet: BenchFleet, ref: string): Promise<number> {
  await fleet.client.projects.pause.mutate({ ref });
  await fleet.untilStatus(ref, 'INACTIVE');
  await fleet.client.projects.restore.mutate({ ref });
  const started = performance.now();
  await fleet.untilStatus(ref, 'ACTIVE_HEALTHY');
  return performance.now() - started;
}

function ratio(what: string, ours: number, plain: number): Row {
  return { what, value: ((ours - pollMs) / plain).toFixed(2), goal: '<= 1.15' };
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`;
}
