import { readdir, readFile } from 'node:fs/promises';
import { findProcesses } from '../agent/process-table.ts';
import { median, type Row } from './table.ts';

/**
 * Proportional memory of the processes that carry a project's mark and of their children (Postgres's server processes
 * write over their environment): what one idle project costs beyond what is shared.
 */
export async function measureMemory(refs: readonly string[]): Promise<Row[]> {
  const megabytes = await Promise.all(refs.map(projectMegabytes));
  return [
    { what: 'idle project: memory (PSS), median', value: `${median(megabytes).toFixed(0)} MB`, goal: '< 120 MB' },
  ];
}

async function projectMegabytes(ref: string): Promise<number> {
  const processes = await findProcesses(({ environment }) => environment.get('SUPAFLEET_REF') === ref);
  const marked = processes.map(({ pid }) => pid);
  const children = (await Promise.all(marked.map(childrenOf))).flat();
  const sizes = await Promise.all([...new Set([...marked, ...children])].map(proportionalKilobytes));
  return sizes.reduce((sum, size) => sum + size, 0) / 1024;
}

async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8')));
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
}

async function proportionalKilobytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0);
}
