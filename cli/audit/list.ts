import type { Command } from 'commander';
import type { AuditEntry, ListAudit } from '../../client/contract/audit.ts';
import type { Cli } from '../cli.ts';
import { type PageOptions, readPages, tellMore, withPages } from '../pages.ts';
import { session } from '../session.ts';
import { type Column, table } from '../table.ts';

type Options = PageOptions & Pick<ListAudit, 'organization' | 'actor' | 'action' | 'project' | 'since' | 'until'>;

export function addAuditList(group: Command, cli: Cli): void {
  withPages(group.command('list').description('list the changes of an organization, the latest first'))
    .requiredOption('--organization <slug>', 'the organization')
    .option('--actor <who>', "an account's address or id, or a host's id")
    .option('--action <action>', 'what was done, such as project.remove')
    .option('--project <ref>', 'what was done to one project')
    .option('--since <time>', 'from this time on, as 2026-11-25T00:00:00Z')
    .option('--until <time>', 'up to this time')
    .action(async (options: Options, command: Command) => {
      const { limit, cursor, all, ...filter } = options;
      const { client, print } = await session(cli, command);
      const pages = {
        ...(limit !== undefined && { limit }),
        ...(cursor !== undefined && { cursor }),
        ...(all !== undefined && { all }),
      };
      const page = await readPages(pages, (input) => client.audit.list.query({ ...input, ...filter }));
      print(page, (colors) => table(columns, page.items, colors));
      tellMore(cli.terminal, page);
    });
}

const columns: Column<AuditEntry>[] = [
  { title: 'AT', value: ({ at }) => at },
  { title: 'ACTION', value: ({ action }) => action },
  { title: 'TARGET', value: ({ target }) => target },
  { title: 'BY', value: ({ actor }) => actor.email ?? `${actor.kind} ${actor.id}` },
  { title: 'FROM', value: ({ address }) => address ?? '' },
];
