import type { Command } from 'commander';
import type { Host } from '../client/contract/hosts.ts';
import type { Cli, Colors } from './cli.ts';
import { confirm } from './confirm.ts';
import { type PageOptions, readPages, tellMore, withPages } from './pages.ts';
import { session } from './session.ts';
import { type Column, fields, table } from './table.ts';

/** `supafleet hosts …` */
export function addHosts(program: Command, cli: Cli): void {
  const group = program
    .command('hosts')
    .description('machines that run projects (for operators)')
    .addHelpText(
      'after',
      `
Examples:
  supafleet hosts list
  SUPAFLEET_AGENT_TOKEN=$(supafleet hosts token) supafleet-agent join https://fleet.example.com
  supafleet hosts cordon 0b7c1c5e-6f0e-4a53-9d5b-2f6b1f0e8a11
`,
    );

  withPages(group.command('list').description('list them')).action(async (options: PageOptions, command: Command) => {
    const { client, print } = await session(cli, command);
    const page = await readPages(options, (input) => client.hosts.list.query(input));
    print(page, (colors) => table(columns, page.items, colors));
    tellMore(cli.terminal, page);
  });

  group
    .command('token')
    .description('make a token that enrols one host, once')
    .action(async (_options: object, command: Command) => {
      const { client, print, isJson } = await session(cli, command);
      const made = await client.hosts.createEnrolmentToken.mutate();
      print(made, () => `${made.token}\n`);
      const { dim } = cli.terminal.errColors;
      if (!isJson) cli.terminal.err(dim(`For supafleet-agent join, until ${made.expiresAt}; not shown again.\n`));
    });

  group
    .command('revoke <id>')
    .description('refuse it from its next request on: its agent ends, and what becomes of its projects is unknown')
    .option('--yes', 'without being asked')
    .action(async (id: string, options: { yes?: boolean }, command: Command) => {
      const what = `This shuts the host ${id} out for good.`;
      await confirm(cli.terminal, { ...options, what, expected: id });
      const { client, print } = await session(cli, command);
      const host = await client.hosts.revoke.mutate({ id });
      print(host, (colors) => hostText(host, colors));
    });

  group
    .command('cordon <id>')
    .description('give it no new projects')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, print } = await session(cli, command);
      const host = await client.hosts.cordon.mutate({ id });
      print(host, (colors) => hostText(host, colors));
    });

  group
    .command('uncordon <id>')
    .description('give it new projects again')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, print } = await session(cli, command);
      const host = await client.hosts.uncordon.mutate({ id });
      print(host, (colors) => hostText(host, colors));
    });
}

const columns: Column<Host>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'NAME', value: ({ name }) => name },
  { title: 'STATE', value: stateOf, paint: stateColor },
  { title: 'REGION', value: ({ region }) => region },
  { title: 'RUNTIME', value: ({ runtime }) => runtime },
  { title: 'PROJECTS', value: ({ projectCount }) => String(projectCount) },
  { title: 'AGENT', value: ({ agentVersion }) => agentVersion },
  { title: 'LAST REPORT', value: ({ reportedAt }) => reportedAt ?? 'never' },
];

function hostText(host: Host, colors: Colors): string {
  return fields(
    [
      ['Id', host.id],
      ['Name', host.name],
      ['State', stateOf(host)],
      ['Region', host.region],
      ['Runtime', host.runtime],
      ['Agent', host.agentVersion],
      ['Projects', String(host.projectCount)],
      ['Strangers', host.strangers.length === 0 ? null : host.strangers.join(', ')],
      ['Ports', `${host.ports.first}-${host.ports.last}`],
      ['Front door', host.frontDoor === null ? null : `${host.frontDoor.host}:${host.frontDoor.port}`],
      ['Enrolled', host.enrolledAt],
      ['Last report', host.reportedAt],
      ['Revoked', host.revokedAt],
    ],
    colors,
  );
}

function stateOf({ state, cordoned }: Host): string {
  return cordoned && state !== 'revoked' ? `${state}, cordoned` : state;
}

function stateColor({ state, cordoned }: Host, colors: Colors): (text: string) => string {
  if (state === 'revoked') return colors.dim;
  if (state === 'lost') return colors.red;
  return state === 'reporting' && !cordoned ? colors.green : colors.yellow;
}
