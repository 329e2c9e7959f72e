import type { Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { UserAccount } from '../store/accounts.ts';

/** The account behind the credential. Errors: `unauthenticated` when its session or token does not live any more. */
export async function currentUser(ctx: Ctx): Promise<UserAccount> {
  const account = await ctx.deps.store.accounts.ownAccount(ctx.credential, ctx.deps.clock.now());
  if (account === null) throw sessionNotFound();
  return account;
}

/** The refusal by which GoTrue's clients know that they are signed out. */
export function sessionNotFound(): AppError {
  return new AppError('unauthenticated', 'Session from session_id claim in JWT does not exist', {
    body: { error_code: 'session_not_found' },
  });
}
