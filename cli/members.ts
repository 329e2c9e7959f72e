import { type Command, Option } from 'commander';
import { type Role, roleName } from '../schema/roles.ts';
import type { Cli } from './cli.ts';
import { confirm } from './confirm.ts';
import { invitationColumns, memberColumns, memberText } from './members-text.ts';
import { type PageOptions, readPages, tellMore, withPages } from './pages.ts';
import { session } from './session.ts';
import { fields, table } from './table.ts';

type InOrganization = { organization: string };
type Given = InOrganization & { role: Role; project?: string[] };

/** `supafleet members …` and `supafleet invitations …` */
export function addMembers(program: Command, cli: Cli): void {
  const members = program
    .command('members')
    .description('people of an organization')
    .addHelpText(
      'after',
      `
Examples:
  supafleet members list --organization acme
  supafleet members invite kim@example.com --organization acme --role Developer
  supafleet members role kim@example.com --organization acme --role Read-only --project abcdefghijklmnopqrst
  supafleet members remove kim@example.com --organization acme
`,
    );
  list(members, cli);
  invite(members, cli);
  setRole(members, cli);
  remove(members, cli);
  addInvitations(program, cli);
}

function list(group: Command, cli: Cli): void {
  withPages(inOrganization(group.command('list').description('list them'))).action(
    async ({ organization, ...pages }: PageOptions & InOrganization, command: Command) => {
      const { client, print } = await session(cli, command);
      const page = await readPages(pages, (input) => client.members.list.query({ ...input, organization }));
      print(page, (colors) => table(memberColumns, page.items, colors));
      tellMore(cli.terminal, page);
    },
  );
}

function invite(group: Command, cli: Cli): void {
  withRole(
    group
      .command('invite <email>')
      .description('invite an address; the link is mailed, or shown where no mail goes out'),
  ).action(async (email: string, { organization, role, project: projects }: Given, command: Command) => {
    const { client, print } = await session(cli, command);
    const invited = await client.members.invite.mutate({ organization, email, role, projects });
    print(invited, (colors) =>
      fields(
        [
          ['Id', String(invited.id)],
          ['Email', invited.email],
          ['Role', invited.role],
          ['In projects', invited.projects.join(', ') || null],
          ['Good until', invited.expiresAt],
          ['Link', invited.link ?? 'mailed'],
        ],
        colors,
      ),
    );
  });
}

function setRole(group: Command, cli: Cli): void {
  withRole(
    group
      .command('role <member>')
      .description('give a member (email or id) another role, in the organization or in some projects'),
  ).action(async (member: string, { organization, role, project: projects }: Given, command: Command) => {
    const { client, print } = await session(cli, command);
    const changed = await client.members.setRole.mutate({ organization, member, role, projects });
    print(changed, (colors) => memberText(changed, colors));
  });
}

function remove(group: Command, cli: Cli): void {
  inOrganization(group.command('remove <member>').description('end a membership (email or id), at once'))
    .option('--yes', 'without being asked')
    .action(async (member: string, options: InOrganization & { yes?: boolean }, command: Command) => {
      const { organization } = options;
      const what = `This removes ${member} from ${organization}.`;
      await confirm(cli.terminal, { ...options, what, expected: member });
      const { client, print } = await session(cli, command);
      await client.members.remove.mutate({ organization, member });
      print({ organization, member, removed: true }, () => `Removed ${member} from ${organization}.\n`);
    });
}

function addInvitations(program: Command, cli: Cli): void {
  const group = program
    .command('invitations')
    .description('invitations that nobody answered yet')
    .addHelpText(
      'after',
      `
Examples:
  supafleet invitations list --organization acme
  supafleet invitations revoke 12 --organization acme
`,
    );

  withPages(inOrganization(group.command('list').description('list them'))).action(
    async ({ organization, ...pages }: PageOptions & InOrganization, command: Command) => {
      const { client, print } = await session(cli, command);
      const page = await readPages(pages, (input) => client.invitations.list.query({ ...input, organization }));
      print(page, (colors) => table(invitationColumns, page.items, colors));
      tellMore(cli.terminal, page);
    },
  );

  inOrganization(group.command('revoke <id>').description('make its link worth nothing')).action(
    async (id: string, { organization }: InOrganization, command: Command) => {
      const { client, print } = await session(cli, command);
      await client.invitations.revoke.mutate({ organization, id: Number(id) });
      print({ organization, id: Number(id), revoked: true }, () => `Revoked invitation ${id}.\n`);
    },
  );
}

function inOrganization(command: Command): Command {
  return command.requiredOption('--organization <slug>', 'the organization');
}

function withRole(command: Command): Command {
  return inOrganization(command)
    .addOption(new Option('--role <role>', 'what they may do').choices(roleName.options).makeOptionMandatory())
    .option('--project <ref...>', 'in these projects only');
}
