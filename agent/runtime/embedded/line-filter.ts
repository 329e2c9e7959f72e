import { StringDecoder } from 'node:string_decoder';

/** Takes what one stream of a program says, piece by piece. */
export type Writer = { write(chunk: Buffer): void; end(): void };

/**
 * Passes whole lines on as `map` makes them; null leaves one out. What has no end of line yet waits for it, up to a limit
 * or until the stream ends.
 */
export function mapLines(map: (line: string) => string | null, write: (chunk: Uint8Array) => void): Writer {
  const decoder = new StringDecoder('utf8');
  let rest = '';

  function pass(lines: string[]): void {
    const kept = lines.map(map).filter((line) => line !== null);
    if (kept.length > 0) write(Buffer.from(`${kept.join('\n')}\n`));
  }

  return {
    write(chunk) {
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > longestLine) {
        lines.push(rest);
        rest = '';
      }
      pass(lines);
    },
    end() {
      if (rest !== '') pass([rest]);
      rest = '';
    },
  };
}

const longestLine = 64 * 1024;
