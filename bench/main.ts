import { findEngine } from '../test/docker/find-engine.ts';
import { createInstallation } from '../test/support/installation.ts';
import { measureCompose } from './compose/measure-compose.ts';
import { measureCpu } from './cpu.ts';
import { measureCreation } from './creation.ts';
import { measureLists } from './lists.ts';
import { measureMemory } from './memory.ts';
import { measureSignIns } from './sign-ins.ts';
import { printTable, type Row } from './table.ts';

const projects = Number(process.env.BENCH_PROJECTS ?? 10);
const stacks = {
  rounds: Number(process.env.BENCH_ROUNDS ?? 3),
  projects: Number(process.env.BENCH_HOST_PROJECTS ?? 20),
  minutes: Number(process.env.BENCH_MINUTES ?? 1),
};
const embeddedParts = ['projects', 'cpu', 'sign-ins'] as const;
const wanted = process.argv.slice(2);
const say = (text: string) => process.stderr.write(`${text} …\n`);

/** Measures all, or the parts named, each in an installation of its own; prints one table. Ratios are within this run. */
const rows = embeddedParts.some(isWanted) ? await measureEmbedded() : [];
if (isWanted('lists')) {
  say('lists of 100,000 projects');
  rows.push(...(await measureLists()));
}
if (isWanted('compose')) rows.push(...(await measureStacks()));
printTable(rows);

async function measureEmbedded(): Promise<Row[]> {
  const installation = await createInstallation();
  try {
    say('starting an installation');
    const started = performance.now();
    const dev = await installation.start();
    const startMs = performance.now() - started;
    const found: Row[] = [
      {
        what: 'npm start on installed modules, until ready',
        value: `${(startMs / 1000).toFixed(1)} s`,
        goal: '< 10 s',
      },
    ];
    if (isWanted('projects')) {
      say(`creating ${projects} projects, one after the other`);
      const created = await measureCreation(dev, installation, projects);
      found.push(...created.rows, ...(await measureMemory(created.refs)));
    }
    if (isWanted('cpu')) {
      say('CPU of an authenticated read beside a bare route');
      found.push(...(await measureCpu(dev, installation)));
    }
    if (isWanted('sign-ins')) {
      say('latency of other routes during sign-ins');
      found.push(...(await measureSignIns(dev)));
    }
    return found;
  } finally {
    await installation.remove();
  }
}

async function measureStacks(): Promise<Row[]> {
  const place = await findEngine(process.env);
  if (!('skip' in place)) return measureCompose(place, { ...stacks, say });
  process.stderr.write(`no stacks are measured: ${place.skip}\n`);
  return [];
}

function isWanted(part: (typeof embeddedParts)[number] | 'compose' | 'lists'): boolean {
  return wanted.length === 0 || wanted.includes(part);
}
