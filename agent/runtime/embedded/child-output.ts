import type { Log } from '../../deps.ts';
import { openCappedLog } from './capped-log.ts';
import { mapLines, type Writer } from './line-filter.ts';

/** Where what a child prints goes. */
export type ChildOutput = {
  /** one for each of its streams, since each has lines of its own */
  writer(): Writer;
  close(): void;
};

/** A capped log file of its own; lines that hold `unwanted` are kept out of it. */
export function toFile(path: string, log: Log, unwanted?: string): ChildOutput {
  const file = openCappedLog(path, log);
  const plain = { write: file.write, end: () => undefined };
  const keep = (text: string) => (line: string) => (line.includes(text) ? null : line);
  return {
    writer: () => (unwanted === undefined ? plain : mapLines(keep(unwanted), file.write)),
    close: file.close,
  };
}
