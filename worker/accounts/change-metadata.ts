import type { Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { UserAccount } from '../store/accounts.ts';
import { sessionNotFound } from './current-user.ts';
import { requireSession } from './require-session.ts';
import { mergedMetadata, type UserMetadata } from './user-metadata.ts';

/**
 * Keeps what a client wants to know of its user, by names; null takes one away. Errors: `unauthenticated`, `forbidden`,
 * `insufficient_aal`, `invalid_input` (too much), `conflict`.
 */
export async function changeMetadata(ctx: Ctx, changes: UserMetadata): Promise<UserAccount> {
  const { clock, store } = ctx.deps;
  requireSession(ctx);
  const own = await store.ownAccount.ownSecrets(ctx.credential, clock.now());
  if (own === null) throw sessionNotFound();
  const { actor, account } = own;
  const next = mergedMetadata(account.userMetadata, changes);
  if (next === account.userMetadata) return account;
  const change = { before: account.userMetadata, next };
  if (!(await store.ownAccount.changeMetadata(change, { actor, request: ctx.request, at: clock.now() }))) {
    throw new AppError('conflict', 'The account was changed meanwhile; try again');
  }
  return { ...account, userMetadata: next };
}
