import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { confirm } from './confirm.ts';
import { memberText } from './members-text.ts';
import { session } from './session.ts';

type Confirmed = { yes?: boolean };

/** `supafleet organizations delete|leave|transfer|enforce-mfa` */
export function addOrganizationChanges(group: Command, cli: Cli): void {
  group
    .command('delete <slug>')
    .description('delete it; refused while it has projects')
    .option('--yes', 'without being asked')
    .action(async (slug: string, options: Confirmed, command: Command) => {
      await confirm(cli.terminal, { ...options, what: `This deletes the organization ${slug}.`, expected: slug });
      const { client, print } = await session(cli, command);
      await client.organizations.delete.mutate({ slug });
      print({ slug, deleted: true }, () => `Deleted ${slug}.\n`);
    });

  group
    .command('leave <slug>')
    .description('be a member no more')
    .option('--yes', 'without being asked')
    .action(async (slug: string, options: Confirmed, command: Command) => {
      await confirm(cli.terminal, { ...options, what: `You leave the organization ${slug}.`, expected: slug });
      const { client, print } = await session(cli, command);
      await client.organizations.leave.mutate({ slug });
      print({ slug, left: true }, () => `Left ${slug}.\n`);
    });

  group
    .command('transfer <slug>')
    .description('make another member its owner, and yourself an administrator')
    .requiredOption('--to <member>', 'their email or id')
    .option('--yes', 'without being asked')
    .action(async (slug: string, { to, ...options }: Confirmed & { to: string }, command: Command) => {
      await confirm(cli.terminal, { ...options, what: `This makes ${to} an Owner of ${slug}.`, expected: slug });
      const { client, print } = await session(cli, command);
      const owner = await client.organizations.transfer.mutate({ slug, to });
      print(owner, (colors) => memberText(owner, colors));
    });

  group
    .command('enforce-mfa <slug>')
    .description('let in members with a second factor only; sign in with yours first')
    .option('--off', 'let in all members again')
    .action(async (slug: string, { off }: { off?: boolean }, command: Command) => {
      const { client, print } = await session(cli, command);
      const enforced = off !== true;
      await client.organizations.enforceMfa.mutate({ slug, enforced });
      const said = enforced ? 'wants a second factor of its members' : 'lets in members without a second factor';
      print({ slug, enforced }, () => `${slug} ${said} from now on.\n`);
    });
}
