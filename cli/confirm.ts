import { cell } from './cell.ts';
import type { Terminal } from './cli.ts';
import { exitCodes } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';

/** For what cannot be undone: goes on only after `--yes`, or once the name of the thing was typed. */
export async function confirm(
  terminal: Terminal,
  options: { yes?: boolean; what: string; expected: string },
): Promise<void> {
  if (options.yes === true) return;
  if (!terminal.isInteractive) {
    throw new CommandFailure(`${options.what} Nobody is there to confirm it`, {
      exitCode: exitCodes.usage,
      hint: 'Add --yes.',
    });
  }
  const answer = await terminal.ask(`${cell(options.what, 200)} Type ${options.expected} to go on: `);
  if (answer.trim() !== options.expected) {
    throw new CommandFailure('Not confirmed; nothing was done', { exitCode: exitCodes.failed });
  }
}
