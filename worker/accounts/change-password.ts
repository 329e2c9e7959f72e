import type { Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { credentialLimits } from '../limits/limits-of.ts';
import { requireAllowance } from '../limits/require-allowance.ts';
import type { Letter } from '../mail/letter.ts';
import { passwordChanged } from '../mail/letters.ts';
import type { AccountWithPassword } from '../store/accounts.ts';
import { canonicalPassword, requirePassword } from './credentials.ts';
import { sessionNotFound } from './current-user.ts';
import { requireSession } from './require-session.ts';
import { signInRefusal } from './sign-in-refusal.ts';

/**
 * A new password for the account that is signed in. All its other sessions end, and what was mailed to get in by.
 * Errors: `unauthenticated`, `forbidden`, `insufficient_aal`, `invalid_input`, `invalid_credentials` when the current
 * password is given and wrong, `unprocessable` when it is the same, `overloaded`, `conflict`.
 */
export async function changePassword(
  ctx: Ctx,
  input: { password: string; currentPassword?: string | undefined },
): Promise<{ account: AccountWithPassword; letters: Letter[] }> {
  const { clock, hasher, store } = ctx.deps;
  const { sessionId } = requireSession(ctx);
  const password = requirePassword(input.password);
  await requireAllowance(ctx, credentialLimits(ctx));
  const own = await store.ownAccount.ownSecrets(ctx.credential, clock.now());
  if (own === null) throw sessionNotFound();
  const { actor, account } = own;
  if (input.currentPassword !== undefined) await requireCurrent(ctx, account, input.currentPassword);
  if (account.passwordHash !== null && (await hasher.verify(password, account.passwordHash))) throw samePassword();

  const change = { sessionId, passwordHash: account.passwordHash ?? '', nextHash: await hasher.hash(password) };
  const by = { actor, request: ctx.request, at: clock.now() };
  if (!(await store.ownAccount.changePassword(change, by))) {
    throw new AppError('conflict', 'The account or the session changed meanwhile; sign in and try again');
  }
  return { account: { ...account, hasPassword: 1, emailChange: null }, letters: [passwordChanged(account.email)] };
}

async function requireCurrent(ctx: Ctx, { id, passwordHash }: AccountWithPassword, given: string): Promise<void> {
  const password = canonicalPassword(given);
  const isRight = await ctx.deps.hasher.verify(password ?? '', password === null ? null : passwordHash);
  if (isRight) return;
  const refusal = signInRefusal(id, 'password');
  throw new AppError('invalid_credentials', 'The current password is wrong', { refusal });
}

function samePassword(): AppError {
  return new AppError('unprocessable', 'New password should be different from the old password.', {
    body: { error_code: 'same_password' },
  });
}
