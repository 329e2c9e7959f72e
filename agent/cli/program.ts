import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { exitCodesHelp } from './exit-codes.ts';
import type { JoinFlags } from './join.ts';
import type { RunOptions } from './run.ts';

export type Commands = {
  join(url: string, flags: JoinFlags): Promise<void>;
  run(options: RunOptions): Promise<void>;
};

export type Defaults = { version: string; dataDir: string; name: string };

/** The command line of `supafleet-agent`: what may be typed, and what it means. */
export function createProgram(commands: Commands, defaults: Defaults): Command {
  const program = new Command('supafleet-agent')
    .description('Runs the Supabase projects of one host, as its supafleet control plane asks for.')
    .version(defaults.version)
    .addHelpText('after', examples + exitCodesHelp)
    .exitOverride();
  const dataDir = new Option('--data-dir <directory>', "where the host's key and its projects are kept").default(
    defaults.dataDir,
  );

  program
    .command('join <url>')
    .description('make this machine a host of the control plane at <url>')
    .option('--token <token>', 'one-time enrolment token (or SUPAFLEET_AGENT_TOKEN)')
    .option('--name <name>', 'what the host is called', defaults.name)
    .option('--region <region>', 'where it stands')
    .option('--port-range <first-last>', 'ports its projects may use', '20000-29999')
    .option('--project-host <name>', 'projects are reached at this name and below it', 'localhost')
    .addOption(dataDir)
    .option('--insecure-http', 'allow a control plane without TLS on another machine')
    .option('--json', 'print the result as JSON')
    .action((url: string, flags: JoinFlags) => commands.join(url, flags));

  program
    .command('run')
    .description('work until stopped; logs JSON lines to stderr')
    .addOption(dataDir)
    .option(
      '--front-door-port <port>',
      'where Postgres clients connect; the next free one if it is taken',
      toPort,
      5432,
    )
    .action((options: RunOptions) => commands.run(options));

  return program;
}

const examples = `
Examples:
  supafleet-agent join https://fleet.example.com --token sfe_… --region fra --project-host db.example.com
  SUPAFLEET_AGENT_TOKEN=sfe_… supafleet-agent join https://fleet.example.com --json
  supafleet-agent run
  supafleet-agent run --data-dir /srv/supafleet --front-door-port 6432
`;

function toPort(text: string): number {
  const parsed = z.coerce.number().int().min(1).max(65_535).safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError('It must be a port number.');
  return parsed.data;
}
