import { link, mkdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Another agent works in this directory. */
export class DirectoryInUse extends Error {
  override name = 'DirectoryInUse';
}

export type Lock = { release(): Promise<void> };

type Holder = { pid: number; startTime: string };

/**
 * Takes `<directory>/agent.lock` for this process, also over from one that died without letting go: a holder counts only
 * while a process with its id and its start time lives. Throws `DirectoryInUse`.
 */
export async function takeLock(directory: string, pid: number): Promise<Lock> {
  await mkdir(directory, { recursive: true, mode: 0o711 });
  const path = join(directory, 'agent.lock');
  const mine = `${path}.${pid}`;
  const startTime = await startTimeOf(pid);
  if (startTime === null) throw new Error('/proc does not show this process: the agent needs Linux');
  await writeFile(mine, JSON.stringify({ pid, startTime } satisfies Holder), { mode: 0o600 });
  try {
    while (!(await putInPlace(mine, path))) await clearStale(path, `${mine}.stale`);
  } finally {
    await unlink(mine);
  }
  return { release: () => unlink(path) };
}

/** A hard link appears whole and fails when the name is taken: there is no moment with half a lock. */
async function putInPlace(mine: string, path: string): Promise<boolean> {
  return (
    (await unlessCode(
      'EEXIST',
      link(mine, path).then(() => true),
    )) ?? false
  );
}

/** Moves a dead holder's lock away; one that was put there meanwhile goes back. */
async function clearStale(path: string, aside: string): Promise<void> {
  await refuseLiving(await holderIn(path), path);
  const moved = await unlessCode(
    'ENOENT',
    rename(path, aside).then(() => true),
  );
  if (moved === null) return;
  try {
    await refuseLiving(await holderIn(aside), path);
  } catch (error) {
    await putInPlace(aside, path);
    throw error;
  } finally {
    await unlink(aside);
  }
}

async function refuseLiving(holder: Holder | null, path: string): Promise<void> {
  if (holder === null || (await startTimeOf(holder.pid)) !== holder.startTime) return;
  throw new DirectoryInUse(`Another agent (process ${holder.pid}) works with this data directory: see ${path}`);
}

async function holderIn(path: string): Promise<Holder | null> {
  const text = await unlessCode('ENOENT', readFile(path, 'utf8'));
  const [pid, startTime] = [/"pid":(\d+)/.exec(text ?? '')?.[1], /"startTime":"(\d+)"/.exec(text ?? '')?.[1]];
  return pid === undefined || startTime === undefined ? null : { pid: Number(pid), startTime };
}

/** In clock ticks since boot; null when no such process lives. */
async function startTimeOf(pid: number): Promise<string | null> {
  const text = await unlessCode('ENOENT', readFile(`/proc/${pid}/stat`, 'utf8'));
  // the name in parentheses may hold spaces and parentheses itself: count from the last one
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ') ?? [];
  return fields[0] === 'Z' ? null : (fields[19] ?? null);
}

async function unlessCode<T>(code: string, work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === code) return null;
    throw error;
  }
}
