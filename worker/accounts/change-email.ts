import type { Ctx } from '../deps.ts';
import { credentialLimits, mailLimits } from '../limits/limits-of.ts';
import { requireAllowance } from '../limits/require-allowance.ts';
import type { Letter } from '../mail/letter.ts';
import { confirmEmailChange, emailChangeAsked } from '../mail/letters.ts';
import type { AccountWithPassword } from '../store/accounts.ts';
import { requireEmail } from './credentials.ts';
import { sessionNotFound } from './current-user.ts';
import { newOneTimeToken, type Origin } from './one-time-token.ts';
import { requireSession } from './require-session.ts';
import type { EmailChange } from './ways-in.ts';

/**
 * Asks a new address to confirm that it is the account's; until then nothing changes, and the address it has is told.
 * One that another account has is answered alike, and gets no mail. Errors: `unauthenticated`, `forbidden`,
 * `insufficient_aal`, `invalid_input`.
 */
export async function changeEmail(
  ctx: Ctx,
  input: Origin & { email: string },
): Promise<{ account: AccountWithPassword; letters: Letter[] }> {
  requireSession(ctx);
  const email = requireEmail(input.email);
  await requireAllowance(ctx, [...credentialLimits(ctx), ...(await mailLimits(ctx, email))]);
  const own = await ctx.deps.store.ownAccount.ownSecrets(ctx.credential, ctx.deps.clock.now());
  if (own === null) throw sessionNotFound();
  const { account } = own;
  if (email === account.email) return { account, letters: [] };
  const token = await newOneTimeToken(ctx.deps, 'email_change', input);
  const isFree = await ctx.deps.store.oneTimeTokens.issueForEmailChange(account.id, email, token.row);
  const notice = emailChangeAsked(account.email, email);
  const asked: EmailChange = { email, sentAt: token.row.createdAt };
  return {
    account: { ...account, emailChange: JSON.stringify(asked) },
    letters: isFree ? [confirmEmailChange(email, token), notice] : [notice],
  };
}
