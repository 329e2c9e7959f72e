import { createInstallation } from '../test/support/installation.ts';
import { measureCpu } from './cpu.ts';
import { measureCreation } from './creation.ts';
import { measureMemory } from './memory.ts';
import { measureSignIns } from './sign-ins.ts';
import { printTable, type Row } from './table.ts';

const projects = Number(process.env.BENCH_PROJECTS ?? 10);
const wanted = process.argv.slice(2);
const say = (text: string) => process.stderr.write(`${text} …\n`);

/** Starts an installation of its own, measures it (all, or the parts named), prints one table. Ratios are within this run. */
const installation = await createInstallation();
try {
  say('starting an installation');
  const started = performance.now();
  const dev = await installation.start();
  const startMs = performance.now() - started;
  const rows: Row[] = [
    { what: 'npm start on installed modules, until ready', value: `${(startMs / 1000).toFixed(1)} s`, goal: '< 10 s' },
  ];
  if (isWanted('projects')) {
    say(`creating ${projects} projects, one after the other`);
    const created = await measureCreation(dev, installation, projects);
    rows.push(...created.rows, ...(await measureMemory(created.refs)));
  }
  if (isWanted('cpu')) {
    say('CPU of an authenticated read beside a bare route');
    rows.push(...(await measureCpu(dev, installation)));
  }
  if (isWanted('sign-ins')) {
    say('latency of other routes during sign-ins');
    rows.push(...(await measureSignIns(dev)));
  }
  printTable(rows);
} finally {
  await installation.remove();
}

function isWanted(part: 'projects' | 'cpu' | 'sign-ins'): boolean {
  return wanted.length === 0 || wanted.includes(part);
}
