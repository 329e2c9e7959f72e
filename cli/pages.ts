import { type Command, InvalidArgumentError } from 'commander';
import type { Page } from '../client/contract/paging.ts';
import type { Terminal } from './cli.ts';

export type PageOptions = { limit?: number; cursor?: string; all?: boolean };

const maximumLimit = 100;

/** The options of every list. */
export function withPages(command: Command): Command {
  return command
    .option('--limit <number>', `how many, at most ${maximumLimit}`, toLimit)
    .option('--cursor <cursor>', 'go on after another page')
    .option('--all', 'all pages');
}

/** One page, or all of them put together with `--all`. */
export async function readPages<Answer extends Page<unknown>>(
  { limit, cursor, all }: PageOptions,
  read: (page: { limit?: number | undefined; cursor?: string | undefined }) => Promise<Answer>,
): Promise<Answer> {
  const items: Answer['items'] = [];
  let answer = await read({ limit: limit ?? (all === true ? maximumLimit : undefined), cursor });
  items.push(...answer.items);
  while (all === true && answer.nextCursor !== null) {
    answer = await read({ limit: limit ?? maximumLimit, cursor: answer.nextCursor });
    items.push(...answer.items);
  }
  return { ...answer, items };
}

/** Says how to see more, where there is more. */
export function tellMore(terminal: Terminal, { nextCursor }: Page<unknown>): void {
  if (nextCursor === null) return;
  terminal.err(terminal.errColors.dim(`There are more: add --all, or --cursor ${nextCursor} for the next page.\n`));
}

function toLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > maximumLimit) {
    throw new InvalidArgumentError(`It must be a number from 1 to ${maximumLimit}.`);
  }
  return limit;
}
