import { type Command, InvalidArgumentError } from 'commander';
import type { AuditHead, AuditVerdict } from '../../client/contract/audit.ts';
import type { SupafleetClient } from '../../client/index.ts';
import { headText, parseHead } from '../../schema/audit-chain.ts';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { createProgress } from '../progress.ts';
import { session } from '../session.ts';

type Options = { organization: string; head?: AuditHead; headFile?: string };

export function addAuditVerify(group: Command, cli: Cli): void {
  group
    .command('verify')
    .description('check that no entry was changed, removed or put in since it was written')
    .requiredOption('--organization <slug>', 'the organization')
    .option('--head <sequence:hash>', 'a head that was kept somewhere else and has to be in the record', toHead)
    .option('--head-file <file>', 'compare with the head in this file, then keep the present one there')
    .action(async (options: Options, command: Command) => {
      const { organization, headFile } = options;
      const { client, print } = await session(cli, command);
      const kept = headFile === undefined ? null : await readHead(cli, headFile);
      const verdict = await verifyAll(cli, client, organization, options.head ?? kept);
      if (verdict.fault !== null) {
        const { sequence, what } = verdict.fault;
        throw new CommandFailure(`The record of ${organization} is not whole at entry ${sequence}: ${what}`, {
          exitCode: exitCodes.notIntact,
          hint: 'Keep the database as it is, and compare it with a backup from before that entry.',
        });
      }
      if (headFile !== undefined && verdict.head !== null) {
        await cli.writePrivate(headFile, `${headText(verdict.head)}\n`);
      }
      print({ organization, ...verdict }, () => sentence(verdict));
    });
}

type Whole = Pick<AuditVerdict, 'intact' | 'entries' | 'head' | 'removedUpTo' | 'fault'>;

async function verifyAll(
  cli: Cli,
  client: SupafleetClient,
  organization: string,
  head: AuditHead | null,
): Promise<Whole> {
  const progress = createProgress(cli.terminal, 'verifying', cli.clock.now);
  let entries = 0;
  let cursor: string | undefined;
  try {
    for (;;) {
      const part = await client.audit.verify.query({
        organization,
        ...(cursor !== undefined && { cursor }),
        ...(head !== null && { head }),
      });
      entries += part.entries;
      if (part.nextCursor === null) {
        const { intact, removedUpTo, fault } = part;
        return { intact, entries, head: part.head, removedUpTo, fault };
      }
      cursor = part.nextCursor;
      progress.say(`${entries} entries`);
    }
  } finally {
    progress.end();
  }
}

function sentence({ entries, head, removedUpTo }: Whole): string {
  if (head === null) return 'Nothing was recorded of this organization yet\n';
  const removed = removedUpTo === 0 ? '' : ` (those up to ${removedUpTo} were removed by the retention)`;
  return `The record is whole: ${entries} entries${removed}, its head is ${headText(head)}\n`;
}

async function readHead(cli: Cli, path: string): Promise<AuditHead | null> {
  const text = await cli.readFile(path);
  if (text === null) {
    cli.terminal.err(`${path} is not there yet: this time there is no head to compare with.\n`);
    return null;
  }
  const head = parseHead(text.trim());
  if (head === null) {
    throw new CommandFailure(`${path} holds no head`, {
      exitCode: exitCodes.usage,
      hint: 'It is one line of the form 12:… as `supafleet audit head` prints it.',
    });
  }
  return head;
}

function toHead(text: string): AuditHead {
  const head = parseHead(text);
  if (head === null) throw new InvalidArgumentError('It must be a head as `supafleet audit head` prints it.');
  return head;
}
