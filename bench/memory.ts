import { readFile } from 'node:fs/promises';
import { findProcesses } from '../agent/runtime/embedded/process-table.ts';
import { median, type Row } from './table.ts';

/** Proportional memory of the processes that carry a project's mark: what one idle project costs beyond what is shared. */
export async function measureMemory(refs: readonly string[]): Promise<Row[]> {
  const megabytes = await Promise.all(refs.map(projectMegabytes));
  return [
    { what: 'idle project: memory (PSS), median', value: `${median(megabytes).toFixed(0)} MB`, goal: '< 120 MB' },
  ];
}

async function projectMegabytes(ref: string): Promise<number> {
  const processes = await findProcesses(({ environment }) => environment.get('SUPAFLEET_REF') === ref);
  const sizes = await Promise.all(processes.map(({ pid }) => proportionalKilobytes(pid)));
  return sizes.reduce((sum, size) => sum + size, 0) / 1024;
}

async function proportionalKilobytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0);
}
