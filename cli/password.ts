import type { Terminal } from './cli.ts';
import { exitCodes } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';

/** A password from stdin or the environment, never from the command line; undefined: from neither. */
export async function givenPassword(
  terminal: Terminal,
  from: { stdin: boolean; environment: string | undefined },
): Promise<string | undefined> {
  if (!from.stdin) return from.environment;
  const text = (await terminal.readInput()).replace(/\r?\n$/, '');
  if (text === '') throw new CommandFailure('Nothing came on stdin, where the password should', usage);
  return text;
}

/** Asks for a new password, twice. Where nobody can be asked, the failure says how else to give it. */
export async function askNewPassword(terminal: Terminal, otherWays: string): Promise<string> {
  if (!terminal.isInteractive) {
    throw new CommandFailure('A password is needed and there is no terminal to ask for it', {
      ...usage,
      hint: otherWays,
    });
  }
  const password = await terminal.askSecret('Password: ');
  if (password === '') throw new CommandFailure('No password was given', usage);
  if ((await terminal.askSecret('Once more: ')) !== password) {
    throw new CommandFailure('The two passwords differ', usage);
  }
  return password;
}

const usage = { exitCode: exitCodes.usage };
