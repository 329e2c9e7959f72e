import type { Ctx } from '../deps.ts';
import { AppError, notFound } from '../errors.ts';
import type { Account } from '../store/accounts.ts';
import { requireOperator } from './require-operator.ts';

/**
 * An operator locks somebody out: sessions end at once, tokens are refused. Nobody disables themselves, so an operator
 * is always left. Errors: `not_found`, `forbidden`, `wrong_state`.
 */
export async function disableAccount(ctx: Ctx, input: { id: string }): Promise<Account> {
  const { clock, store } = ctx.deps;
  const { actor, account } = await store.accounts.accountById(ctx.credential, input.id, clock.now());
  requireOperator(actor);
  if (account === null) throw notFound('Account');
  if (account.id === actor.accountId) throw new AppError('wrong_state', 'You cannot disable your own account');
  const at = clock.now();
  const disabled = await store.accounts.disableAccount(account.id, at, { actor, request: ctx.request });
  if (!disabled) throw new AppError('wrong_state', 'The account is disabled already');
  return { ...account, disabledAt: at };
}
