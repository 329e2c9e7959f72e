import type { Ctx } from '../../deps.ts';
import { factorsOf } from '../ways-in.ts';
import { ownSession } from './own-session.ts';
import { factorNotFound, unprocessable } from './refusals.ts';

/**
 * Takes one of the actor's factors away; a verified one only for a session that showed one. Errors: `unauthenticated`,
 * `forbidden`, `not_found`, `unprocessable`.
 */
export async function unenrol(ctx: Ctx, input: { factorId: string }): Promise<void> {
  const { clock, store } = ctx.deps;
  const { account, session } = await ownSession(ctx);
  const factor = factorsOf(account).find(({ id }) => id === input.factorId);
  if (factor === undefined) throw factorNotFound();
  if (factor.status === 'verified' && session.aal !== 'aal2') {
    throw unprocessable('insufficient_aal', 'AAL2 required to unenroll verified factor');
  }
  const removed = await store.factorRemoval.unenrol(
    { factorId: factor.id, accountId: account.id, sessionId: session.id, at: clock.now() },
    ctx.request,
  );
  if (!removed) throw factorNotFound();
}
