import type { Command } from 'commander';
import type { Organization } from '../client/contract/organizations.ts';
import type { Cli, Colors } from './cli.ts';
import { addOrganizationChanges } from './organizations-changes.ts';
import { type PageOptions, readPages, tellMore, withPages } from './pages.ts';
import { session } from './session.ts';
import { type Column, fields, table } from './table.ts';

/** `supafleet organizations …` */
export function addOrganizations(program: Command, cli: Cli): void {
  const group = program
    .command('organizations')
    .alias('orgs')
    .description('organizations you are a member of')
    .addHelpText(
      'after',
      `
Examples:
  supafleet organizations list
  supafleet organizations create --name "Acme Inc." --json
  supafleet organizations rename acme "Acme Ltd."
  supafleet organizations transfer acme --to kim@example.com
  supafleet organizations enforce-mfa acme
`,
    );

  withPages(group.command('list').description('list them')).action(async (options: PageOptions, command: Command) => {
    const { client, print } = await session(cli, command);
    const page = await readPages(options, (input) => client.organizations.list.query(input));
    print(page, (colors) => table(columns, page.items, colors));
    tellMore(cli.terminal, page);
  });

  group
    .command('create')
    .description('make one; you become its owner')
    .requiredOption('--name <name>', 'what it is called')
    .action(async ({ name }: { name: string }, command: Command) => {
      const { client, print } = await session(cli, command);
      const made = await client.organizations.create.mutate({ name });
      print(made, (colors) => organizationText(made, colors));
    });

  group
    .command('rename <slug> <name>')
    .description('call it something else; its slug stays')
    .action(async (slug: string, name: string, _: unknown, command: Command) => {
      const { client, print } = await session(cli, command);
      const renamed = await client.organizations.rename.mutate({ slug, name });
      print(renamed, (colors) => organizationText(renamed, colors));
    });

  addOrganizationChanges(group, cli);
}

const columns: Column<Organization>[] = [
  { title: 'SLUG', value: ({ slug }) => slug },
  { title: 'NAME', value: ({ name }) => name },
  { title: 'YOUR ROLE', value: ({ role }) => role },
];

function organizationText({ slug, name, role }: Organization, colors: Colors): string {
  return fields(
    [
      ['Slug', slug],
      ['Name', name],
      ['Your role', role],
    ],
    colors,
  );
}
