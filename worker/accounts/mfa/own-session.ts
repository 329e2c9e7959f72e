import type { Ctx } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import type { UserAccount } from '../../store/accounts.ts';
import type { OwnSession } from '../../store/factors.ts';
import { currentUser, sessionNotFound } from '../current-user.ts';

/**
 * The account and the session that asks. Errors: `unauthenticated`, `forbidden` for a personal access token: it has no
 * level that a second factor could raise, and must not be a way around one.
 */
export async function ownSession(ctx: Ctx): Promise<{ account: UserAccount; session: OwnSession }> {
  await refuseTokens(ctx);
  const found = await ctx.deps.store.factors.ownSession(ctx.credential, ctx.deps.clock.now());
  if (found === null) throw sessionNotFound();
  return found;
}

/** Errors: `forbidden` for a personal access token that lives, `unauthenticated` for one that does not. */
export async function refuseTokens(ctx: Ctx): Promise<void> {
  if (ctx.credential.kind === 'session') return;
  await currentUser(ctx);
  throw new AppError('forbidden', 'A personal access token cannot do this; sign in instead');
}
