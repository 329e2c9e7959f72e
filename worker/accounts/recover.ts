import type { OpenCtx } from '../deps.ts';
import { mailLimits } from '../limits/limits-of.ts';
import { requireAllowance } from '../limits/require-allowance.ts';
import type { Letter } from '../mail/letter.ts';
import { confirmEmailChange, confirmSignUp, resetPassword } from '../mail/letters.ts';
import { requireEmail } from './credentials.ts';
import { newOneTimeToken, type Origin } from './one-time-token.ts';

/**
 * The mail by which somebody gets into their account without its password. Known and unknown addresses cost the same
 * work and get the same answer. Errors: `invalid_input`.
 */
export async function recover(ctx: OpenCtx, input: Origin & { email: string }): Promise<Letter[]> {
  const email = requireEmail(input.email);
  await requireAllowance(ctx, await mailLimits(ctx, email));
  const token = await newOneTimeToken(ctx.deps, 'recovery', input);
  const issued = await ctx.deps.store.oneTimeTokens.issueForRecovery(email, token.row);
  return issued ? [resetPassword(email, token)] : [];
}

/** The mail of a sign-up or of a change of address once more; what was mailed before is no good any more. */
export async function resend(
  ctx: OpenCtx,
  input: Origin & { kind: 'signup' | 'email_change'; email: string },
): Promise<Letter[]> {
  const { oneTimeTokens } = ctx.deps.store;
  const email = requireEmail(input.email);
  await requireAllowance(ctx, await mailLimits(ctx, email));
  const token = await newOneTimeToken(ctx.deps, input.kind, input);
  if (input.kind === 'signup') {
    const issued = await oneTimeTokens.reissueForSignUp(email, token.row);
    return issued ? [confirmSignUp(email, token)] : [];
  }
  const next = await oneTimeTokens.reissueForEmailChange(email, token.row);
  return next === null ? [] : [confirmEmailChange(next, token)];
}
