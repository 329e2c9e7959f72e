import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ReadStream, WriteStream } from 'node:tty';
import { createColors } from 'picocolors';
import type { Terminal } from './cli.ts';
import { exitCodes } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';

export type Streams = { stdin: ReadStream; stdout: WriteStream; stderr: WriteStream };

/** The terminal behind the process's streams. Questions go to stderr, so that stdout holds the answer only. */
export function createTerminal({ stdin, stdout, stderr }: Streams, wantsColor: boolean): Terminal {
  return {
    out: (value) => void stdout.write(value),
    err: (value) => void stderr.write(value),
    outColors: createColors(wantsColor && stdout.isTTY === true),
    errColors: createColors(wantsColor && stderr.isTTY === true),
    isLive: stderr.isTTY === true,
    isInteractive: stdin.isTTY === true && stderr.isTTY === true,
    ask: (question) => askOn(stdin, stderr, question),
    async askSecret(question) {
      stderr.write(question);
      try {
        return await askOn(stdin, silent(), '');
      } finally {
        stderr.write('\n');
      }
    },
    readInput: () => text(stdin),
  };
}

async function askOn(stdin: ReadStream, output: Writable, question: string): Promise<string> {
  const lines = createInterface({ input: stdin, output, terminal: true });
  const given = new AbortController();
  lines.once('SIGINT', () => given.abort());
  lines.once('close', () => given.abort());
  try {
    return await lines.question(question, { signal: given.signal });
  } catch (cause) {
    throw new CommandFailure('Interrupted; nothing was done', { exitCode: exitCodes.interrupted, cause });
  } finally {
    lines.close();
  }
}

/** Readline echoes what is typed to its output: this one shows nothing. */
function silent(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
