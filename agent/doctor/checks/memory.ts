import { readFile } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { nullWhenAbsent } from '../../absence.ts';
import { type Check, failed, ok, type Verdict, warning } from '../check.ts';

const gigabyte = 1024 ** 3;

/** A project fits into memory. */
export const memoryCheck: Check = {
  name: 'memory',
  async run({ subject }) {
    const text = await nullWhenAbsent(readFile('/proc/meminfo', 'utf8'));
    const available = /^MemAvailable:\s+(\d+) kB$/m.exec(text ?? '')?.[1];
    const availableBytes = available === undefined ? freemem() : Number(available) * 1024;
    return memoryVerdict({ totalBytes: totalmem(), availableBytes }, subject.settings.runtime);
  },
};

export function memoryVerdict(
  { totalBytes, availableBytes }: { totalBytes: number; availableBytes: number },
  runtime: 'compose' | 'embedded',
): Verdict {
  const shown = `${(availableBytes / gigabyte).toFixed(1)} of ${(totalBytes / gigabyte).toFixed(1)} GB available`;
  // a project of real containers takes a gigabyte and more, an embedded one some 100 MB
  const needed = runtime === 'compose' ? 1 : 0.25;
  if (availableBytes < needed * gigabyte) {
    return failed(shown, `One project needs about ${needed} GB: end something else, or add memory.`);
  }
  if (availableBytes < 3 * needed * gigabyte)
    return warning(shown, 'There is room for one or two small projects only.');
  return ok(shown);
}
