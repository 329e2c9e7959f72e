import type { Ctx } from '../deps.ts';
import { AppError, notFound } from '../errors.ts';
import type { Account } from '../store/accounts.ts';
import { requireOperator } from './require-operator.ts';

/** An operator lets somebody in again who was locked out. Errors: `not_found`, `forbidden`, `wrong_state`. */
export async function enableAccount(ctx: Ctx, input: { id: string }): Promise<Account> {
  const { clock, store } = ctx.deps;
  const { actor, account } = await store.accounts.accountById(ctx.credential, input.id, clock.now());
  requireOperator(actor);
  if (account === null) throw notFound('Account');
  const enabled = await store.accounts.enableAccount(account.id, clock.now(), { actor, request: ctx.request });
  if (!enabled) throw new AppError('wrong_state', 'The account is not disabled');
  return { ...account, disabledAt: null };
}
