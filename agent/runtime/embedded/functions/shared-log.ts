import type { Log } from '../../../deps.ts';
import { openCappedLog } from '../capped-log.ts';
import type { ChildOutput } from '../child-output.ts';
import { mapLines } from '../line-filter.ts';

/** The one writer of a file that many functions print to. */
export type SharedLog = { outputOf(slug: string): ChildOutput; close(): void };

/** A capped log file whose lines say which function they are of. */
export function openSharedLog(path: string, log: Log): SharedLog {
  const file = openCappedLog(path, log);
  return {
    outputOf: (slug) => ({
      writer: () => mapLines((line) => `[${slug}] ${line}`, file.write),
      close: () => undefined, // the others go on writing
    }),
    close: file.close,
  };
}
