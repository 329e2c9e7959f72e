import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

/** A log file that never takes more than twice its limit: when full it becomes `<path>.1` and starts anew. */
type CappedLog = { write(chunk: Uint8Array): void; close(): void };

/** Appends to `path`, mode 0600. Synchronous on purpose: a child that floods its log is slowed down by it. */
export function openCappedLog(path: string, maximumBytes: number): CappedLog {
  let file: number | null = openSync(path, 'a', 0o600);
  let size = fstatSync(file).size;
  return {
    write(chunk) {
      if (file === null) return;
      if (size + chunk.byteLength > maximumBytes && size > 0) {
        closeSync(file);
        renameSync(path, `${path}.1`);
        file = openSync(path, 'a', 0o600);
        size = 0;
      }
      const kept = chunk.subarray(0, maximumBytes);
      writeSync(file, kept);
      size += kept.byteLength;
    },
    close() {
      if (file !== null) closeSync(file);
      file = null;
    },
  };
}
