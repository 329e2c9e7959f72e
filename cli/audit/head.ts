import type { Command } from 'commander';
import { headText } from '../../schema/audit-chain.ts';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { session } from '../session.ts';

export function addAuditHead(group: Command, cli: Cli): void {
  group
    .command('head')
    .description("print where an organization's record ends now, to be kept somewhere else")
    .requiredOption('--organization <slug>', 'the organization')
    .action(async ({ organization }: { organization: string }, command: Command) => {
      const { client, print } = await session(cli, command);
      const head = await client.audit.head.query({ organization });
      if (head === null) {
        throw new CommandFailure('Nothing was recorded of this organization yet', { exitCode: exitCodes.failed });
      }
      print(head, () => `${headText(head)}\n`);
    });
}
