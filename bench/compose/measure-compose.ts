import { setTimeout as wait } from 'node:timers/promises';
import type { EnginePlace } from '../../test/docker/find-engine.ts';
import type { Row } from '../table.ts';
import { measureAgent } from './agent-cost.ts';
import { type BenchFleet, startBenchFleet } from './fleet.ts';
import { measureLife } from './life.ts';
import { measureProjects } from './project-memory.ts';
import { measureRequests } from './requests.ts';

type Options = {
  rounds: number;
  /** on the host while the agent is looked at */
  projects: number;
  /** for how long */
  minutes: number;
  say(text: string): void;
};

const atOnce = 4;
/** reports and probes after the last change */
const settleMs = 10_000;

/** Real stacks on a Docker engine: an installation of its own, of which nothing is left. */
export async function measureCompose(place: EnginePlace, { rounds, projects, minutes, say }: Options): Promise<Row[]> {
  say('starting an installation on the Docker engine');
  const fleet = await startBenchFleet(place);
  try {
    say(`making and restoring ${rounds} stacks, and as many by hand`);
    const life = await measureLife(fleet, rounds);
    say('a full stack, and requests to it');
    const full = await fleet.create('full', 'full');
    const requests = await measureRequests(fleet, full.ref, full.password);
    say(`filling the host to ${projects} projects`);
    const minimal = await fill(fleet, projects - life.refs.length - 2);
    say('memory by profile');
    const standard = fleet.dev.project ?? '';
    const memory = await measureProjects(fleet, { minimal, standard, full: full.ref });
    say(`looking at the idle host for ${minutes} minutes`);
    await wait(settleMs);
    const agent = await measureAgent(fleet, projects, minutes);
    return [...life.rows, ...requests, ...memory, ...agent];
  } finally {
    say('removing it');
    await fleet.remove();
  }
}

/** So many small ones, several at once. Resolves with the ref of one. */
async function fill(fleet: BenchFleet, count: number): Promise<string> {
  const refs: string[] = [];
  const names = Array.from({ length: Math.max(1, count) }, (_, index) => `small ${index}`);
  const lane = async () => {
    for (let name = names.pop(); name !== undefined; name = names.pop())
      refs.push((await fleet.create(name, 'minimal')).ref);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return refs[0] ?? '';
}
