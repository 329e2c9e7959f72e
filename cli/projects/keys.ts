import type { Command } from 'commander';
import type { ApiKey } from '../../client/contract/projects.ts';
import type { Cli } from '../cli.ts';
import { session } from '../session.ts';
import { type Column, table } from '../table.ts';

/** `supafleet projects keys` */
export function addKeys(group: Command, cli: Cli): void {
  group
    .command('keys <ref>')
    .description('the API keys of a project')
    .option('--reveal', 'show the keys themselves')
    .action(async (ref: string, { reveal = false }: { reveal?: boolean }, command: Command) => {
      const { client, print } = await session(cli, command);
      const keys = await client.projects.apiKeys.query({ ref, reveal });
      print(keys, (colors) => table(columns, keys, colors));
    });
}

const columns: Column<ApiKey>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'TYPE', value: ({ type }) => type },
  { title: 'ROLE', value: ({ role }) => role },
  { title: 'KEY', value: ({ key }) => key ?? '(hidden: add --reveal)', maximumWidth: 1_000 },
];
