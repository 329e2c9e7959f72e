import type { Command } from 'commander';
import type { Organization } from '../client/contract.ts';
import type { Cli } from './cli.ts';
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
      print(made, (colors) =>
        fields(
          [
            ['Slug', made.slug],
            ['Name', made.name],
            ['Your role', made.role],
          ],
          colors,
        ),
      );
    });
}

const columns: Column<Organization>[] = [
  { title: 'SLUG', value: ({ slug }) => slug },
  { title: 'NAME', value: ({ name }) => name },
  { title: 'YOUR ROLE', value: ({ role }) => role },
];
