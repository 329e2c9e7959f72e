import type { Command } from 'commander';
import type { AccessToken } from '../client/contract/tokens.ts';
import type { SupafleetClient } from '../client/index.ts';
import { type TokenPermission, tokenPermissions } from '../schema/token-permissions.ts';
import type { Cli, SignInOptions } from './cli.ts';
import { confirm } from './confirm.ts';
import { exitCodes } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';
import { answers, session } from './session.ts';
import { type Column, fields, table } from './table.ts';

type CreateOptions = SignInOptions & {
  name: string;
  expires?: string;
  organization?: string[];
  project?: string[];
  permission?: string[];
};

const help = `
Tokens are made and revoked by somebody who signs in: --email and --url (or SUPAFLEET_EMAIL and SUPAFLEET_URL), and the
password asked for, on stdin, or in SUPAFLEET_PASSWORD; else the first account of .data/dev.json.

Examples:
  supafleet tokens list
  supafleet tokens create --name laptop --email kim@example.com --expires 30d
  supafleet tokens create --name ci --project abcdefghijklmnopqrst --permission projects_read --permission database_read
  TOKEN=$(supafleet tokens create --name ci --organization acme --json | jq -r .token)
  supafleet tokens revoke 12
`;

/** `supafleet tokens …` */
export function addTokens(program: Command, cli: Cli): void {
  const group = program.command('tokens').description('your personal access tokens').addHelpText('after', help);

  group
    .command('list')
    .description('list them')
    .action(async (_options: object, command: Command) => {
      const { client, print } = await session(cli, command);
      const tokens = await client.tokens.list.query();
      print(tokens, (colors) => table(columns, tokens, colors));
    });

  signingIn(group.command('create'))
    .description('make one; it is told once')
    .requiredOption('--name <name>', 'what it is for')
    .option('--expires <when>', 'in so many days (30d), or at an ISO date or time; never when left out')
    .option('--organization <slug>', 'it reaches only this; may be repeated', collect)
    .option('--project <ref>', 'it reaches only this; may be repeated', collect)
    .option('--permission <name>', 'it may only do this; may be repeated', collect)
    .action(async (options: CreateOptions, command: Command) => {
      const permissions = options.permission?.map(permissionOf);
      const { print, isJson } = answers(cli, command);
      const client = await cli.signIn(command.optsWithGlobals());
      const made = await client.tokens.create.mutate({
        name: options.name,
        expiresAt: await expiryOf(options.expires, client),
        organizations: options.organization,
        projects: options.project,
        permissions,
      });
      print(made, (colors) => fields([['Token', made.token], ...shown(made)], colors));
      const { dim } = cli.terminal.errColors;
      if (!isJson) cli.terminal.err(dim('The token is not shown again.\n'));
    });

  signingIn(group.command('revoke <id>'))
    .description('refuse it from now on')
    .option('--yes', 'without being asked')
    .action(async (id: string, options: { yes?: boolean }, command: Command) => {
      const number = numberOf(id);
      await confirm(cli.terminal, { ...options, what: `This ends the access token ${id} for good.`, expected: id });
      const { print } = answers(cli, command);
      const client = await cli.signIn(command.optsWithGlobals());
      const revoked = await client.tokens.revoke.mutate({ id: number });
      print(revoked, (colors) => fields(shown(revoked), colors));
    });
}

function signingIn(command: Command): Command {
  return command
    .option('--email <email>', 'who signs in (or SUPAFLEET_EMAIL)')
    .option('--password-stdin', 'read the password from stdin')
    .option('--code <digits>', 'of the second factor; asked for when needed');
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

function permissionOf(name: string): TokenPermission {
  const known = tokenPermissions.find((permission) => permission === name);
  if (known !== undefined) return known;
  throw new CommandFailure(`There is no permission ${name}`, {
    exitCode: exitCodes.usage,
    hint: `They are: ${tokenPermissions.join(', ')}.`,
  });
}

function numberOf(id: string): number {
  if (/^[1-9]\d{0,14}$/.test(id)) return Number(id);
  throw new CommandFailure(`${id} is not the id of an access token`, {
    exitCode: exitCodes.usage,
    hint: 'See supafleet tokens list.',
  });
}

/** Days count from the control plane's time, which is what decides. */
async function expiryOf(text: string | undefined, client: SupafleetClient): Promise<string | null> {
  if (text === undefined) return null;
  const days = /^(\d{1,4})d$/.exec(text)?.[1];
  if (days !== undefined) {
    const { now } = await client.system.info.query();
    return new Date(Date.parse(now) + Number(days) * 24 * 60 * 60 * 1000).toISOString();
  }
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return new Date(at).toISOString();
  throw new CommandFailure(`--expires takes days (30d) or an ISO date, not ${text}`, { exitCode: exitCodes.usage });
}

const columns: Column<AccessToken>[] = [
  { title: 'ID', value: ({ id }) => String(id) },
  { title: 'NAME', value: ({ name }) => name },
  { title: 'TOKEN', value: ({ alias }) => alias },
  { title: 'LIMITED TO', value: limitsOf },
  { title: 'EXPIRES', value: ({ expiresAt }) => expiresAt ?? 'never' },
  { title: 'LAST USED', value: ({ lastUsedAt }) => lastUsedAt ?? 'never' },
];

function shown(token: AccessToken): [string, string | null][] {
  return [
    ['Id', String(token.id)],
    ['Name', token.name],
    ['Reaches', [...token.organizations, ...token.projects].join(', ') || null],
    ['Permissions', token.permissions?.join(', ') ?? null],
    ['Created', token.createdAt],
    ['Expires', token.expiresAt ?? 'never'],
  ];
}

function limitsOf({ organizations, projects, permissions }: AccessToken): string {
  const reach = [...organizations, ...projects].join(', ');
  const count = permissions === null ? '' : `${permissions.length} permissions`;
  return [reach, count].filter((part) => part !== '').join('; ') || '-';
}
