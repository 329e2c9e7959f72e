import type { Command } from 'commander';
import type { CreateUser, MailedUser, User } from '../client/contract/users.ts';
import type { Cli, Colors } from './cli.ts';
import { confirm } from './confirm.ts';
import { type PageOptions, readPages, tellMore, withPages } from './pages.ts';
import { askNewPassword, givenPassword } from './password.ts';
import { session } from './session.ts';
import { type Column, fields, table } from './table.ts';

type CreateOptions = {
  email: string;
  firstName?: string;
  lastName?: string;
  operator?: boolean;
  passwordStdin?: boolean;
};

/** `supafleet users …` */
export function addUsers(program: Command, cli: Cli): void {
  const group = program
    .command('users')
    .description('accounts of this control plane (for operators)')
    .addHelpText(
      'after',
      `
Examples:
  supafleet users list --all
  supafleet users create --email kim@example.com --first-name Kim
  supafleet users invite --email kim@example.com
  supafleet users reset kim@example.com
  pass show kim | supafleet users create --email kim@example.com --password-stdin
`,
    );

  withPages(group.command('list').description('list them')).action(async (options: PageOptions, command: Command) => {
    const { client, print } = await session(cli, command);
    const page = await readPages(options, (input) => client.users.list.query(input));
    print(page, (colors) => table(columns, page.items, colors));
    tellMore(cli.terminal, page);
  });

  group
    .command('create')
    .description('make an account; its password is asked for, or comes from stdin or SUPAFLEET_USER_PASSWORD')
    .requiredOption('--email <email>', 'what it signs in with')
    .option('--first-name <name>')
    .option('--last-name <name>')
    .option('--operator', 'may manage hosts and accounts')
    .option('--password-stdin', 'read the password from stdin')
    .action(async (options: CreateOptions, command: Command) => {
      const { client, print } = await session(cli, command);
      const user = await client.users.create.mutate(await newUser(cli, options));
      print(user, (colors) => userText(user, colors));
    });

  group
    .command('invite')
    .description('make an account without a password and mail its owner the way in; once more: mail the next link')
    .requiredOption('--email <email>', 'what it signs in with')
    .option('--operator', 'may manage hosts and accounts')
    .action(async (options: { email: string; operator?: boolean }, command: Command) => {
      const { client, print } = await session(cli, command);
      const invited = await client.users.invite.mutate({ email: options.email, isOperator: options.operator });
      print(invited, (colors) => mailedText(invited, colors));
    });

  group
    .command('reset <id-or-email>')
    .description('mail its owner the way to a new password; nobody is signed out before they choose one')
    .action(async (idOrEmail: string, _options: unknown, command: Command) => {
      const { client, print } = await session(cli, command);
      const reset = await client.users.reset.mutate({ idOrEmail });
      print(reset, (colors) => mailedText(reset, colors));
    });

  group
    .command('enable <id>')
    .description('let a disabled account in again')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { client, print } = await session(cli, command);
      const user = await client.users.enable.mutate({ id });
      print(user, (colors) => userText(user, colors));
    });

  group
    .command('disable <id>')
    .description('sign it out everywhere and let it in no more')
    .option('--yes', 'without being asked')
    .action(async (id: string, options: { yes?: boolean }, command: Command) => {
      await confirm(cli.terminal, { ...options, what: `This disables the account ${id}.`, expected: id });
      const { client, print } = await session(cli, command);
      const user = await client.users.disable.mutate({ id });
      print(user, (colors) => userText(user, colors));
    });

  group
    .command('reset-mfa <id>')
    .description('take its second factors away and sign it out, for somebody who lost theirs')
    .option('--yes', 'without being asked')
    .action(async (id: string, options: { yes?: boolean }, command: Command) => {
      const what = `This takes the second factors of the account ${id} away: its password alone lets in again.`;
      await confirm(cli.terminal, { ...options, what, expected: id });
      const { client, print } = await session(cli, command);
      const user = await client.users.resetMfa.mutate({ id });
      print(user, (colors) => userText(user, colors));
    });
}

async function newUser({ terminal, env }: Cli, options: CreateOptions): Promise<CreateUser> {
  const { email, firstName, lastName, operator } = options;
  const from = { stdin: options.passwordStdin === true, environment: env.userPassword };
  const otherWays = 'Give it on stdin with --password-stdin, or in SUPAFLEET_USER_PASSWORD.';
  const password = (await givenPassword(terminal, from)) ?? (await askNewPassword(terminal, otherWays));
  return { email, password, firstName, lastName, isOperator: operator };
}

const columns: Column<User>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'EMAIL', value: ({ email }) => email },
  { title: 'NAME', value: nameOf },
  { title: 'STATE', value: stateOf, paint: ({ disabledAt }, colors) => (disabledAt === null ? String : colors.red) },
  { title: 'LAST SIGN-IN', value: ({ lastSignInAt }) => lastSignInAt ?? 'never' },
];

function userText(user: User, colors: Colors): string {
  return fields(
    [
      ['Id', user.id],
      ['Email', user.email],
      ['Name', nameOf(user) || null],
      ['State', stateOf(user)],
      ['Created', user.createdAt],
      ['Last sign-in', user.lastSignInAt],
    ],
    colors,
  );
}

function mailedText({ user, mail, link }: MailedUser, colors: Colors): string {
  const lines = { sent: `A mail is on its way to ${user.email}.`, failed: mailFailed, 'not-configured': noMailServer };
  return [userText(user, colors), lines[mail], ...(link === null ? [] : [link]), ''].join('\n');
}

const mailFailed = 'The mail server did not take the mail (the log says why). Pass the link on yourself:';
const noMailServer = 'No mail server is configured. Pass the link on yourself:';

function nameOf({ firstName, lastName }: User): string {
  return `${firstName} ${lastName}`.trim();
}

function stateOf({ disabledAt, emailConfirmedAt, isOperator }: User): string {
  if (disabledAt !== null) return 'disabled';
  if (emailConfirmedAt === null) return 'unconfirmed';
  return isOperator ? 'operator' : 'active';
}
