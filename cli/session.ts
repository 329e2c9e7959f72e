import type { Command } from 'commander';
import type { SupafleetClient } from '../client/index.ts';
import type { Cli, Colors, ConnectionOptions } from './cli.ts';

export type GlobalOptions = ConnectionOptions & { json?: boolean | undefined };

export type Session = {
  client: SupafleetClient;
  isJson: boolean;
  /** The answer: as it is with `--json`, else as text for people. */
  print(answer: unknown, text: (colors: Colors) => string): void;
};

/** What a command needs once it is known what was typed: a client, and how to answer. */
export async function session(cli: Cli, command: Command): Promise<Session> {
  const options: GlobalOptions = command.optsWithGlobals();
  const isJson = options.json === true;
  return {
    client: await cli.connect(options),
    isJson,
    print(answer, text) {
      cli.terminal.out(isJson ? `${JSON.stringify(answer, null, 2)}\n` : text(cli.terminal.outColors));
    },
  };
}
