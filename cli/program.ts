import { Command } from 'commander';
import { addAudit } from './audit/audit.ts';
import type { Cli } from './cli.ts';
import { exitCodesHelp } from './exit-codes.ts';
import { addHosts } from './hosts.ts';
import { addMembers } from './members.ts';
import { addOrganizations } from './organizations.ts';
import { addProjects } from './projects/projects.ts';
import { addStudio } from './studio.ts';
import { addSystem } from './system.ts';
import { addTokens } from './tokens.ts';
import { addUsers } from './users.ts';

/** The command line of `supafleet`: a client of the control plane and nothing else. */
export function createProgram(cli: Cli): Command {
  const program = new Command('supafleet')
    .description('Manages the projects, hosts and accounts of a supafleet control plane.')
    .version(cli.version)
    .option('--url <url>', 'the control plane (or SUPAFLEET_URL)')
    .option('--token <token>', 'an access token (better: SUPAFLEET_TOKEN, which does not show in process lists)')
    .option('--insecure-http', 'allow a control plane without TLS on another machine')
    .option('--json', 'answer in JSON, failures too')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: cli.terminal.out, writeErr: cli.terminal.err })
    .addHelpText('after', connectionHelp + examples + exitCodesHelp)
    .exitOverride();
  addOrganizations(program, cli);
  addMembers(program, cli);
  addProjects(program, cli);
  addHosts(program, cli);
  addUsers(program, cli);
  addTokens(program, cli);
  addAudit(program, cli);
  addStudio(program, cli);
  addSystem(program, cli);
  return program;
}

const connectionHelp = `
Which control plane, and as whom:
  --url and --token, else SUPAFLEET_URL and SUPAFLEET_TOKEN, else .data/dev.json of the working directory,
  which npm start writes there.
`;

const examples = `
Examples:
  supafleet projects list
  supafleet projects create --organization acme --name notes --wait
  SUPAFLEET_URL=https://fleet.example.com SUPAFLEET_TOKEN=sbp_… supafleet system info
`;
