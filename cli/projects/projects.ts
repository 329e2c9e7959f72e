import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type PageOptions, readPages, tellMore, withPages } from '../pages.ts';
import { session } from '../session.ts';
import { table } from '../table.ts';
import { addAlter } from './alter.ts';
import { addCreate } from './create.ts';
import { addKeys } from './keys.ts';
import { addPower } from './power.ts';
import { projectColumns, projectText } from './show.ts';
import { addSpec } from './spec.ts';

type ListOptions = PageOptions & { organization?: string; search?: string };

/** `supafleet projects …` */
export function addProjects(program: Command, cli: Cli): void {
  const group = program
    .command('projects')
    .description('projects of your organizations')
    .addHelpText(
      'after',
      `
Examples:
  supafleet projects list --organization acme
  supafleet projects create --organization acme --name notes --wait
  supafleet projects create --organization acme --name shop --profile full --size small
  supafleet projects pause abcdefghijklmnopqrst --wait
  supafleet projects resize abcdefghijklmnopqrst medium --wait
  supafleet projects upgrade abcdefghijklmnopqrst --wait
  supafleet projects keys abcdefghijklmnopqrst --reveal --json
  supafleet projects remove abcdefghijklmnopqrst --yes --wait
`,
    );

  withPages(group.command('list').description('list them by name'))
    .option('--organization <slug>', 'of this organization only')
    .option('--search <text>', 'with this in the name or ref')
    .action(async ({ organization, search, ...pages }: ListOptions, command: Command) => {
      const { client, print } = await session(cli, command);
      const page = await readPages(pages, (input) => client.projects.list.query({ ...input, organization, search }));
      print(page, (colors) => table(projectColumns, page.items, colors));
      tellMore(cli.terminal, page);
    });

  group
    .command('get <ref>')
    .alias('show')
    .description('one of them')
    .action(async (ref: string, _options: object, command: Command) => {
      const { client, print } = await session(cli, command);
      const project = await client.projects.get.query({ ref });
      print(project, (colors) => projectText(project, colors));
    });

  addCreate(group, cli);

  group
    .command('rename <ref>')
    .description('call it something else')
    .requiredOption('--name <name>', 'its new name')
    .action(async (ref: string, { name }: { name: string }, command: Command) => {
      const { client, print } = await session(cli, command);
      const project = await client.projects.rename.mutate({ ref, name });
      print(project, (colors) => projectText(project, colors));
    });

  addPower(group, cli);
  addAlter(group, cli);
  addKeys(group, cli);
  addSpec(group, cli);
}
