import type { OpenCtx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { mailLimits } from '../limits/limits-of.ts';
import { requireAllowance } from '../limits/require-allowance.ts';
import type { Letter } from '../mail/letter.ts';
import { alreadySignedUp, confirmSignUp } from '../mail/letters.ts';
import { newAccount } from './create-account.ts';
import { requireEmail, requirePassword } from './credentials.ts';
import type { AccountUser } from './issue.ts';
import { newOneTimeToken, type Origin } from './one-time-token.ts';
import { mergedMetadata, type UserMetadata } from './user-metadata.ts';

export type SignUp = Origin & { email: string; password: string; metadata?: UserMetadata | undefined };

/**
 * Somebody makes themselves an account, which their mail confirms. An address that has one gets the same answer after
 * the same work, and a mail that says so. Where sign-ups are closed, who was invited to an organization still may.
 * Errors: `invalid_input`, `unprocessable` (closed), `overloaded`.
 */
export async function signUp(ctx: OpenCtx, input: SignUp): Promise<{ user: AccountUser; letters: Letter[] }> {
  const { clock, config, hasher, random, store } = ctx.deps;
  const email = requireEmail(input.email);
  const password = requirePassword(input.password);
  const userMetadata = mergedMetadata('{}', input.metadata ?? {});
  await requireAllowance(ctx, await mailLimits(ctx, email));
  if (config.signups === 'closed' && !(await store.signUps.isInvited(email, clock.now()))) throw closed();

  const passwordHash = await hasher.hash(password);
  const token = await newOneTimeToken(ctx.deps, 'signup', input);
  const createdAt = clock.now();
  const account = newAccount({
    id: random.uuid(),
    email,
    passwordHash,
    createdAt,
    emailConfirmedAt: null,
    userMetadata,
  });
  const state = await store.signUps.signUp(account, token.row, ctx.request);
  const user = {
    // of nobody: a true one would tell by coming back who was there before
    id: random.uuid(),
    email,
    createdAt,
    emailConfirmedAt: null,
    lastSignInAt: null,
    hasPassword: 1,
    userMetadata,
    emailChange: null,
    factors: '[]',
    identities: '[]',
  };
  switch (state) {
    case 'pending':
      return { user, letters: [confirmSignUp(email, token)] };
    case 'known':
      return { user, letters: [alreadySignedUp(email)] };
    case 'none':
      return { user, letters: [] };
    default:
      return state satisfies never;
  }
}

function closed(): AppError {
  return new AppError(
    'unprocessable',
    'Signups not allowed for this instance: signing up is closed, ask one of its operators for an account',
    { body: { error_code: 'signup_disabled' } },
  );
}
