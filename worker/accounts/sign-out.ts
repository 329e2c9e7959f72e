import type { Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { SignOutScope } from '../store/sessions.ts';
import { currentUser, sessionNotFound } from './current-user.ts';

/**
 * Ends this session, the account's other ones, or all. Their access tokens are refused from the next request on.
 * Errors: `unauthenticated`, `forbidden` for a personal access token, which is revoked instead.
 */
export async function signOut(ctx: Ctx, input: { scope: SignOutScope }): Promise<void> {
  const account = await currentUser(ctx);
  if (ctx.credential.kind !== 'session') {
    throw new AppError('forbidden', 'A personal access token cannot sign out; revoke it instead');
  }
  const ended = await ctx.deps.store.sessions.endSessions(
    { sessionId: ctx.credential.id, accountId: account.id, scope: input.scope, at: ctx.deps.clock.now() },
    ctx.request,
  );
  if (!ended) throw sessionNotFound();
}
