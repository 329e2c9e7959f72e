import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import type { Log } from '../../deps.ts';

/** A log file that never takes more than twice its limit: when full it becomes `<path>.1` and starts anew. */
export type CappedLog = { write(chunk: Uint8Array): void; close(): void };

const defaultMaximumBytes = 2 * 1024 * 1024;

/**
 * Appends to `path`, mode 0600. Synchronous on purpose: a child that floods its log is slowed down by it. Never throws: what
 * cannot be written, above all on a full disk, is dropped, and `log` hears of it once and how much it was.
 */
export function openCappedLog(path: string, log: Log, maximumBytes = defaultMaximumBytes): CappedLog {
  let file: number | null = null;
  let size = 0;
  let lost = 0;
  let closed = false;

  function open(): number {
    const opened = openSync(path, 'a', 0o600);
    size = fstatSync(opened).size;
    file = opened;
    return opened;
  }

  function release(): void {
    const held = file;
    file = null;
    if (held !== null) closeSync(held);
  }

  function append(chunk: Uint8Array): void {
    if (file === null) open();
    if (size + chunk.byteLength > maximumBytes && size > 0) {
      release();
      renameSync(path, `${path}.1`);
    }
    const kept = chunk.subarray(0, maximumBytes);
    const written = writeSync(file ?? open(), kept);
    size += written;
    if (written < kept.byteLength) throw new Error('only a part could be written');
  }

  function attempt(step: () => void): boolean {
    try {
      step();
      return true;
    } catch (error) {
      if (lost === 0) log.warn('a log file cannot be written; what comes is dropped', { path, error: String(error) });
      lost += 1;
      return false;
    }
  }

  function tellLoss(): void {
    if (lost > 0) log.info('a log file lacks what could not be written', { path, lostPieces: lost });
    lost = 0;
  }

  attempt(() => void open());
  return {
    write(chunk) {
      if (!closed && attempt(() => append(chunk))) tellLoss();
    },
    close() {
      if (closed) return;
      closed = true;
      attempt(release);
      tellLoss();
    },
  };
}
