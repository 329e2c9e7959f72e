import type { Ctx } from '../deps.ts';
import type { Account } from '../store/accounts.ts';
import { requireOperator } from './require-operator.ts';

const maximumLimit = 100;

/** Accounts by their number, for operators. `after`: the `next` of the page before; `next` null: that was the last. */
export async function listAccounts(
  ctx: Ctx,
  input: { after?: number | undefined; limit?: number | undefined },
): Promise<{ accounts: Account[]; next: number | null }> {
  const limit = Math.min(input.limit ?? maximumLimit, maximumLimit);
  const { actor, accounts } = await ctx.deps.store.accounts.accountsAfter(
    ctx.credential,
    { after: input.after ?? 0, limit: limit + 1 },
    ctx.deps.clock.now(),
  );
  requireOperator(actor);
  const page = accounts.slice(0, limit);
  return { accounts: page, next: accounts.length > limit ? (page.at(-1)?.number ?? null) : null };
}
