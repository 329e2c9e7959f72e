import type { SignInOptions, Terminal } from './cli.ts';
import { type ConnectionSources, isMeant, readDev, requireUrl } from './connection.ts';
import { exitCodes } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';
import { givenPassword } from './password.ts';

export type SignInSources = Omit<ConnectionSources, 'env'> & {
  /** SUPAFLEET_URL, SUPAFLEET_EMAIL and SUPAFLEET_PASSWORD */
  env: { url: string | undefined; email: string | undefined; password: string | undefined };
  terminal: Terminal;
};

export type SignIn = { url: string; email: string; password: string; code(): Promise<string> };

/**
 * Whose account signs in where: `--email`, then the environment, then the first account of what `npm start` wrote into
 * `.data/dev.json`. As with tokens, nobody's password goes to an address that came from another place than itself.
 */
export async function signInWith(options: SignInOptions, sources: SignInSources): Promise<SignIn> {
  const { terminal, env } = sources;
  const email = options.email ?? env.email;
  const url = options.url ?? env.url;
  const code = () => codeOf(options, terminal);
  if (email === undefined) {
    const dev = await readDev(sources);
    if (dev?.account === undefined || !isMeant(url, dev.url)) throw nobody();
    return { url: requireUrl(dev.url, options), ...dev.account, code };
  }
  if (url === undefined) {
    throw new CommandFailure('An account is given, but not of which control plane', {
      exitCode: exitCodes.usage,
      hint: 'Name it with --url or SUPAFLEET_URL.',
    });
  }
  const from = { stdin: options.passwordStdin === true, environment: env.password };
  const checked = requireUrl(url, options);
  const password =
    (await givenPassword(terminal, from)) ?? (await ask(terminal, `Password of ${email}: `, passwordHint));
  return { url: checked, email, password, code };
}

const passwordHint = 'Give the password on stdin with --password-stdin, or in SUPAFLEET_PASSWORD.';

async function codeOf({ code }: SignInOptions, terminal: Terminal): Promise<string> {
  return code ?? (await ask(terminal, 'Code of the second factor: ', 'Give the code with --code.'));
}

async function ask(terminal: Terminal, question: string, otherWays: string): Promise<string> {
  const answer = terminal.isInteractive ? await terminal.askSecret(question) : '';
  if (answer !== '') return answer;
  const failure = terminal.isInteractive ? 'Nothing was given' : 'Something has to be asked, and nobody is there';
  throw new CommandFailure(failure, { exitCode: exitCodes.usage, hint: otherWays });
}

function nobody(): CommandFailure {
  return new CommandFailure('This takes an account that signs in by its password', {
    exitCode: exitCodes.notSignedIn,
    hint: 'Give --email (or SUPAFLEET_EMAIL) and --url, or go where npm start runs: it writes .data/dev.json.',
  });
}
