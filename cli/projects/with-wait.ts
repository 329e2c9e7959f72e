import { type Command, InvalidArgumentError } from 'commander';

const usualTimeoutSeconds = 300;

/** The options of every command whose work goes on after it was accepted. */
export function withWait(command: Command): Command {
  return command
    .option('--wait', 'show how it goes until it is done; Ctrl-C stops the waiting only')
    .option('--timeout <seconds>', 'how long to wait', toSeconds, usualTimeoutSeconds);
}

function toSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() === '' || !Number.isFinite(seconds) || seconds < 0) {
    throw new InvalidArgumentError('It must be a number of seconds.');
  }
  return seconds;
}
