import type { Terminal } from './cli.ts';

/** Where something is that takes a while: a line that changes on a terminal, else a line for each change. */
export type Progress = { say(state: string): void; end(): void };

/** Progress on stderr; `title` stands before each state, with the time since now. */
export function createProgress(terminal: Terminal, title: string, now: () => number): Progress {
  const started = now();
  let last: string | null = null;
  return {
    say(state) {
      const { dim } = terminal.errColors;
      const time = dim(`${((now() - started) / 1000).toFixed(1)} s`);
      if (terminal.isLive) terminal.err(`\r\x1b[2K${title} ${state} ${time}`);
      else if (state !== last) terminal.err(`${title} ${state} ${time}\n`);
      last = state;
    },
    end() {
      if (terminal.isLive && last !== null) terminal.err('\n');
    },
  };
}
