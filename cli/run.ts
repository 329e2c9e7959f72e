import { CommanderError } from 'commander';
import type { Cli } from './cli.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { createProgram } from './program.ts';
import { reportFailure } from './report-failure.ts';

/** Does what was typed after `supafleet`; returns what to exit with, everything else being said on the terminal. */
export async function run(cli: Cli, args: readonly string[]): Promise<ExitCode> {
  const program = createProgram(cli);
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    // it was told already; asking for help is no wrong usage
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    return reportFailure(cli.terminal, error, { json: program.opts().json === true });
  }
}
