import { type FileHandle, open, stat } from 'node:fs/promises';
import { nullWhenAbsent } from '../../absence.ts';

const tailBytes = 16 * 1024;

/** How long a log file is, in bytes; 0 when there is none. */
export async function lengthOf(logFile: string): Promise<number> {
  return (await nullWhenAbsent(stat(logFile)))?.size ?? 0;
}

/** Why Postgres did not go on, in its own words, from what it logged behind `from` (bytes); null when it said nothing. */
export async function lastFatal(logFile: string, from: number): Promise<string | null> {
  const file = await nullWhenAbsent(open(logFile, 'r'));
  if (file === null) return null;
  try {
    const said = [...(await textBehind(file, from)).matchAll(reasons)].map(([, text]) => text);
    // what it answered us while we waited for it is no reason
    return said.findLast((text) => !text?.startsWith('the database system is ')) ?? null;
  } finally {
    await file.close();
  }
}

/** Before it reads its configuration it has no levels yet, only its name. */
const reasons = /^(?:.*\] (?:FATAL|PANIC): +|postgres: )(.+)$/gm;

async function textBehind(file: FileHandle, from: number): Promise<string> {
  const { size } = await file.stat();
  // shorter than it was: a new one was begun
  const start = Math.max(size < from ? 0 : from, size - tailBytes);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
  return buffer.toString('utf8', 0, bytesRead);
}
