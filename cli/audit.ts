import type { Command } from 'commander';
import type { AuditEntry } from '../client/contract.ts';
import type { Cli } from './cli.ts';
import { type PageOptions, readPages, tellMore, withPages } from './pages.ts';
import { session } from './session.ts';
import { type Column, table } from './table.ts';

/** `supafleet audit …` */
export function addAudit(program: Command, cli: Cli): void {
  const group = program
    .command('audit')
    .description('who changed what')
    .addHelpText('after', '\nExample:\n  supafleet audit list --organization acme --limit 20\n');

  withPages(group.command('list').description('list the changes of an organization, the latest first'))
    .requiredOption('--organization <slug>', 'the organization')
    .action(async ({ organization, ...pages }: PageOptions & { organization: string }, command: Command) => {
      const { client, print } = await session(cli, command);
      const page = await readPages(pages, (input) => client.audit.list.query({ ...input, organization }));
      print(page, (colors) => table(columns, page.items, colors));
      tellMore(cli.terminal, page);
    });
}

const columns: Column<AuditEntry>[] = [
  { title: 'AT', value: ({ at }) => at },
  { title: 'ACTION', value: ({ action }) => action },
  { title: 'TARGET', value: ({ target }) => target },
  { title: 'BY', value: ({ actor }) => `${actor.kind} ${actor.id}` },
  { title: 'FROM', value: ({ address }) => address ?? '' },
];
