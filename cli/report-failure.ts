import { cell } from './cell.ts';
import type { Terminal } from './cli.ts';
import type { ExitCode } from './exit-codes.ts';
import { failureReport } from './failure.ts';

/** Tells on stderr why a command failed; returns what to exit with. */
export function reportFailure(terminal: Terminal, error: unknown, { json }: { json: boolean }): ExitCode {
  const { exitCode, ...report } = failureReport(error);
  if (json) {
    terminal.err(`${JSON.stringify({ error: report })}\n`);
    return exitCode;
  }
  const { red, dim } = terminal.errColors;
  terminal.err(`${red('supafleet:')} ${cell(report.message, 2_000)}\n`);
  if (report.hint !== null) terminal.err(`${report.hint}\n`);
  if (report.requestId !== null) terminal.err(dim(`request id: ${report.requestId}\n`));
  return exitCode;
}
