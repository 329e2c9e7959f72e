import type { Ctx } from '../../deps.ts';
import { AppError, notFound } from '../../errors.ts';
import type { Account } from '../../store/accounts.ts';
import { requireOperator } from '../require-operator.ts';

/**
 * An operator takes all second factors of somebody away who lost theirs, and ends the account's sessions: the password
 * lets in again. Errors: `not_found`, `forbidden`, `wrong_state`.
 */
export async function resetMfa(ctx: Ctx, input: { id: string }): Promise<Account> {
  const { clock, store } = ctx.deps;
  const { actor, account } = await store.accounts.accountById(ctx.credential, input.id, clock.now());
  requireOperator(actor);
  if (account === null) throw notFound('Account');
  const reset = await store.factorRemoval.reset(account.id, clock.now(), { actor, request: ctx.request });
  if (!reset) throw new AppError('wrong_state', 'The account has no second factor');
  return account;
}
