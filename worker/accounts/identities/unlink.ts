import type { Ctx } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import { ownSession } from '../mfa/own-session.ts';
import { factorsOf, identitiesOf } from '../ways-in.ts';

/**
 * The actor does not sign in by that identity any more. Errors: `unauthenticated`, `forbidden`, `insufficient_aal`,
 * `not_found`, `unprocessable` for the last way in.
 */
export async function unlink(ctx: Ctx, input: { identityId: string }): Promise<void> {
  const { clock, store } = ctx.deps;
  const { account, session } = await ownSession(ctx);
  if (session.aal !== 'aal2' && factorsOf(account).some(({ status }) => status === 'verified')) {
    throw new AppError('insufficient_aal', 'AAL2 required to unlink an identity');
  }
  const identities = identitiesOf(account);
  const hasPassword = account.hasPassword === 1;
  if (hasPassword && input.identityId === account.id) {
    throw unprocessable('validation_failed', 'The password stays a way in; change it instead');
  }
  const identity = identities.find(({ id }) => id === input.identityId);
  if (identity === undefined) {
    throw new AppError('not_found', "Identity doesn't exist", { body: { error_code: 'identity_not_found' } });
  }
  if (identities.length === 1 && !hasPassword) throw lastOne();
  const removed = await store.identities.unlink(
    { id: identity.id, accountId: account.id, sessionId: session.id, at: clock.now() },
    ctx.request,
  );
  if (!removed) throw lastOne();
}

function lastOne(): AppError {
  return unprocessable('single_identity_not_deletable', 'User must have at least 1 identity after unlinking');
}

function unprocessable(code: string, message: string): AppError {
  return new AppError('unprocessable', message, { body: { error_code: code } });
}
