import { readdir, readFile, readlink } from 'node:fs/promises';

/** A process of this machine. `startTime` (clock ticks since boot) tells it from a later one with the same id. */
export type ProcessEntry = { pid: number; startTime: string };

/** The processes that `matches` accepts, by their environment and working directory. Those we may not read are not ours. */
export async function findProcesses(matches: (facts: ProcessFacts) => boolean): Promise<ProcessEntry[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(names.map((name) => matchProcess(Number(name), matches)));
  return found.filter((entry) => entry !== null);
}

export type ProcessFacts = {
  pid: number;
  environment: ReadonlyMap<string, string>;
  /** null when it cannot be read */
  workingDirectory: string | null;
  executable: string | null;
};

/** Whether this very process still lives; a zombie does not. */
export async function isAlive(entry: ProcessEntry): Promise<boolean> {
  const stat = await readStat(entry.pid);
  return stat !== null && stat.startTime === entry.startTime && stat.state !== 'Z' && stat.state !== 'X';
}

/** Sends a signal to this very process, never to one that took over its id. */
export async function signalProcess(entry: ProcessEntry, signal: NodeJS.Signals): Promise<void> {
  if (!(await isAlive(entry))) return;
  try {
    process.kill(entry.pid, signal);
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}

async function matchProcess(pid: number, matches: (facts: ProcessFacts) => boolean): Promise<ProcessEntry | null> {
  if (pid === process.pid) return null;
  const before = await readStat(pid);
  if (before === null || before.state === 'Z' || before.state === 'X') return null;
  const [environment, workingDirectory, executable] = await Promise.all([
    orNull(readFile(`/proc/${pid}/environ`, 'utf8')),
    orNull(readlink(`/proc/${pid}/cwd`)),
    orNull(readlink(`/proc/${pid}/exe`)),
  ]);
  if (!matches({ pid, environment: parseEnvironment(environment ?? ''), workingDirectory, executable })) return null;
  const after = await readStat(pid);
  return after?.startTime === before.startTime ? { pid, startTime: before.startTime } : null;
}

async function readStat(pid: number): Promise<{ state: string; startTime: string } | null> {
  const text = await orNull(readFile(`/proc/${pid}/stat`, 'utf8'));
  if (text === null) return null;
  // The name in parentheses may itself hold parentheses and spaces: count fields from the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields[0], fields[19]];
  return state === undefined || startTime === undefined ? null : { state, startTime };
}

function parseEnvironment(text: string): Map<string, string> {
  const entries = text.split('\0').flatMap((line): [string, string][] => {
    const cut = line.indexOf('=');
    return cut > 0 ? [[line.slice(0, cut), line.slice(cut + 1)]] : [];
  });
  return new Map(entries);
}

/** A process may end, or be someone else's, at any moment of looking at it. */
async function orNull(reading: Promise<string>): Promise<string | null> {
  try {
    return await reading;
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].some((code) => hasCode(error, code))) return null;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
