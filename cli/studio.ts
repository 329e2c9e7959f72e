import { type Command, InvalidArgumentError } from 'commander';
import { SupafleetError } from '../client/index.ts';
import type { Cli } from './cli.ts';
import { exitCodes } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';
import { readPages } from './pages.ts';
import type { GlobalOptions } from './session.ts';
import { dotenv, studioEnv, testCaptchaSiteKey } from './studio-env.ts';

type EnvOptions = { studioUrl?: string; projectHost?: string[]; captchaSiteKey: string };

/** `supafleet studio …` */
export function addStudio(program: Command, cli: Cli): void {
  program
    .command('studio')
    .description('Supabase Studio in front of the control plane')
    .command('env')
    .description('the values to build it with, as lines of an env file; needs no token when hosts are named')
    .option('--studio-url <url>', "where people will open it (default: the control plane's own address)", toOrigin)
    .option(
      '--project-host <host>',
      'a host of projects, as agents join with it (several: repeat it; default: those the control plane knows, for operators)',
      toHosts,
    )
    .option(
      '--captcha-site-key <key>',
      'of your site at hCaptcha; without it their key for tests',
      toKey,
      testCaptchaSiteKey,
    )
    .addHelpText(
      'after',
      `
Examples:
  supafleet studio env >> apps/studio/.env                  in a checkout of Studio, before it is built
  supafleet studio env --url https://fleet.example.com --project-host projects.example.com
  supafleet studio env --studio-url http://localhost:3000   beside npm start
  supafleet studio env --project-host 'http://10.0.0.7:*'   projects by port: as the browser's policy writes it
`,
    )
    .action(async ({ studioUrl, projectHost, captchaSiteKey }: EnvOptions, command: Command) => {
      const options: GlobalOptions = command.optsWithGlobals();
      const url = usableAddress(await cli.address(options));
      const projectHosts = projectHost ?? (await knownHosts(cli, options));
      const variables = studioEnv({ url, studioUrl: studioUrl ?? url, projectHosts, captchaSiteKey });
      const values = Object.fromEntries(variables.map(({ name, value }) => [name, value]));
      cli.terminal.out(options.json === true ? `${JSON.stringify(values, null, 2)}\n` : dotenv(variables));
      if (projectHosts.length === 0) {
        const hint =
          'No host of projects is named: the browser will let Studio reach none (uploads). Add --project-host.\n';
        cli.terminal.err(cli.terminal.errColors.yellow(hint));
      }
    });
}

/** Studio finds `/v1` by taking the first `/platform` out of its API's address. */
function usableAddress(url: string): string {
  const address = url.replace(/\/+$/, '');
  if (!address.includes('/platform')) return address;
  throw new CommandFailure(`Studio cannot use ${address}: it takes the first "/platform" out of it to find /v1`, {
    exitCode: exitCodes.usage,
    hint: 'Give the control plane a name that does not begin with "platform", and no path.',
  });
}

/** Where agents serve projects; none when that is not for this caller to know. */
async function knownHosts(cli: Cli, options: GlobalOptions): Promise<string[]> {
  try {
    const client = await cli.connect(options);
    const { items } = await readPages({ all: true }, (input) => client.hosts.list.query(input));
    return items.filter(({ state }) => state !== 'revoked').map(({ projectHost }) => projectHost);
  } catch (error) {
    const isNobody = error instanceof CommandFailure && error.exitCode === exitCodes.notSignedIn;
    if (!isNobody && !(error instanceof SupafleetError)) throw error;
    cli.terminal.err(cli.terminal.errColors.dim(`The hosts of projects are not known: ${error.message}\n`));
    return [];
  }
}

function toOrigin(text: string): string {
  if (/^https?:\/\/[^\s"$#]+$/.test(text) && URL.canParse(text)) return text.replace(/\/+$/, '');
  throw new InvalidArgumentError('It must be an http(s) URL.');
}

function toHosts(text: string, earlier: string[] = []): string[] {
  if (/^(https?:\/\/)?[\w.*-]+(:(\d+|\*))?\/?$/.test(text)) return [...earlier, text];
  throw new InvalidArgumentError(
    'It must be a name such as projects.example.com, or an origin such as http://10.0.0.7:*.',
  );
}

function toKey(text: string): string {
  if (/^[\w-]+$/.test(text)) return text;
  throw new InvalidArgumentError('It must be a site key: letters, digits and dashes.');
}
