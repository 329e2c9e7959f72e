import { createInstallation } from '../test/support/installation.ts';
import { measureCpu } from './cpu.ts';
import { measureCreation } from './creation.ts';
import { measureMemory } from './memory.ts';
import { measureSignIns } from './sign-ins.ts';
import { printTable, type Row } from './table.ts';

const projects = Number(process.env.BENCH_PROJECTS ?? 10);

/** Starts an installation of its own, measures it, prints one table. Ratios are within this run. */
const installation = await createInstallation();
try {
  process.stderr.write('starting an installation …\n');
  const started = performance.now();
  const dev = await installation.start();
  const startMs = performance.now() - started;
  process.stderr.write(`creating ${projects} projects, one after the other …\n`);
  const { rows: creationRows, refs } = await measureCreation(dev, installation, projects);
  process.stderr.write('memory of idle projects …\n');
  const memoryRows = await measureMemory(refs);
  process.stderr.write('CPU of an authenticated read beside a bare route …\n');
  const cpuRows = await measureCpu(dev, installation);
  process.stderr.write('latency of other routes during sign-ins …\n');
  const signInRows = await measureSignIns(dev);
  const rows: Row[] = [
    { what: 'npm start on installed modules, until ready', value: `${(startMs / 1000).toFixed(1)} s`, goal: '< 10 s' },
    ...creationRows,
    ...memoryRows,
    ...cpuRows,
    ...signInRows,
  ];
  printTable(rows);
} finally {
  await installation.remove();
}
