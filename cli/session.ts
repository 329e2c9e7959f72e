import type { Command } from 'commander';
import type { SupafleetClient } from '../client/index.ts';
import type { Cli, Colors, ConnectionOptions } from './cli.ts';

export type GlobalOptions = ConnectionOptions & { json?: boolean | undefined };

export type Answers = {
  isJson: boolean;
  /** The answer: as it is with `--json`, else as text for people. */
  print(answer: unknown, text: (colors: Colors) => string): void;
};
export type Session = Answers & { client: SupafleetClient };

/** What a command needs once it is known what was typed: a client, and how to answer. */
export async function session(cli: Cli, command: Command): Promise<Session> {
  return { client: await cli.connect(command.optsWithGlobals<GlobalOptions>()), ...answers(cli, command) };
}

/** How a command answers. */
export function answers(cli: Cli, command: Command): Answers {
  const isJson = command.optsWithGlobals<GlobalOptions>().json === true;
  return {
    isJson,
    print(answer, text) {
      cli.terminal.out(isJson ? `${JSON.stringify(answer, null, 2)}\n` : text(cli.terminal.outColors));
    },
  };
}
