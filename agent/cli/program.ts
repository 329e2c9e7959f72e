import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { addCarefulCommands } from './careful-commands.ts';
import { exitCodesHelp } from './exit-codes.ts';
import type { InstallOptions } from './install.ts';
import type { JoinFlags } from './join.ts';
import type { RenderOptions } from './render.ts';
import type { RunOptions } from './run.ts';

export type Commands = {
  join(url: string, flags: JoinFlags): Promise<void>;
  run(options: RunOptions): Promise<void>;
  doctor(options: { dataDir: string; json?: boolean }): Promise<void>;
  install(options: InstallOptions): Promise<void>;
  uninstall(): Promise<void>;
  leave(options: { dataDir: string; json?: boolean }): Promise<void>;
  render(options: RenderOptions): Promise<void>;
};

export type Defaults = { version: string; dataDir: string; name: string };

/** The command line of `supafleet-agent`: what may be typed, and what it means. */
export function createProgram(commands: Commands, defaults: Defaults): Command {
  const program = new Command('supafleet-agent')
    .description('Runs the Supabase projects of one host, as its supafleet control plane asks for.')
    .version(defaults.version)
    .addHelpText('after', examples + exitCodesHelp)
    .exitOverride();
  addJoin(program, commands, defaults);
  addRun(program, commands, defaults);
  addCarefulCommands(program, commands, dataDirOption(defaults));
  return program;
}

function addJoin(program: Command, commands: Commands, defaults: Defaults): void {
  program
    .command('join <url>')
    .description('look at this machine, and make it a host of the control plane at <url>')
    .option('--token <token>', 'one-time enrolment token (or SUPAFLEET_AGENT_TOKEN)')
    .option('--name <name>', 'what the host is called', defaults.name)
    .option('--region <region>', 'where it stands')
    .option('--runtime <compose|embedded>', 'Docker, or processes for a laptop', 'compose')
    .option('--project-host <name>', 'projects are reached at this name and below it', 'localhost')
    .option('--edge <ports|names>', 'a port for each project, or names (default: names, for localhost ports)')
    .option('--edge-address <address>', 'ports: where they listen (default: everywhere, for localhost 127.0.0.1)')
    .option('--https-port <port>', 'names: the port of https (default: 443)')
    .option('--http-port <port|off>', 'names: the port of http, which leads to https (default: 80)')
    .option('--tls <source>', 'names: internal, files:CERT,KEY, acme:EMAIL, or off behind something that ends TLS')
    .option(
      '--front-door <address:port>',
      'where Postgres clients connect (default: port 5432, for localhost of 127.0.0.1)',
    )
    .option('--port-range <first-last>', 'ports its projects may use, the last ten excepted', '20000-29999')
    .option('--address-pool <network>', 'addresses of the containers (default: the first free of 10.213.0.0/16, …)')
    .option('--image-map <file>', "JSON: where images come from instead of upstream's registries")
    .addOption(dataDirOption(defaults))
    .option('--insecure-http', 'allow a control plane without TLS on another machine')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', joinExamples)
    .action((url: string, flags: JoinFlags) => commands.join(url, flags));
}

function addRun(program: Command, commands: Commands, defaults: Defaults): void {
  program
    .command('run')
    .description('work until stopped; logs JSON lines to stderr')
    .addOption(dataDirOption(defaults))
    .option('--front-door-port <port>', 'another port for Postgres clients than the settings say', toPort)
    .addHelpText('after', runExamples)
    .action(({ dataDir, frontDoorPort }: { dataDir: string; frontDoorPort?: number }) =>
      commands.run({ dataDir, frontDoorPort: frontDoorPort ?? null }),
    );
}

function dataDirOption({ dataDir }: Defaults): Option {
  return new Option('--data-dir <directory>', "where the host's key and its projects are kept").default(dataDir);
}

const examples = `
Examples:
  SUPAFLEET_AGENT_TOKEN=sfe_… supafleet-agent join https://fleet.example.com --project-host fra.example.com --tls acme:me@example.com
  supafleet-agent install
  supafleet-agent doctor

See supafleet-agent help <command> for more of them.
`;

const joinExamples = `
Examples:
  supafleet-agent join https://fleet.example.com --token sfe_…
  supafleet-agent join https://fleet.example.com --project-host fra.example.com --tls files:/etc/ssl/fra.pem,/etc/ssl/fra.key
  supafleet-agent join https://fleet.example.com --edge ports --project-host 10.0.0.7.example.com --image-map mirror.json
  supafleet-agent join http://localhost:8787 --runtime embedded --data-dir ~/supafleet --json
`;

const runExamples = `
Examples:
  supafleet-agent run
  supafleet-agent run --data-dir /srv/supafleet --front-door-port 6432
`;

function toPort(text: string): number {
  const parsed = z.coerce.number().int().min(1).max(65_535).safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError('It must be a port number.');
  return parsed.data;
}
