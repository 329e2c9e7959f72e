import { requireAccount } from '../access/require-account.ts';
import type { Config, Ctx } from '../deps.ts';
import { AppError, notFound } from '../errors.ts';
import { deliver } from '../mail/deliver.ts';
import type { Letter } from '../mail/letter.ts';
import { invitation, resetPassword } from '../mail/letters.ts';
import type { Account } from '../store/accounts.ts';
import { newAccount } from './create-account.ts';
import { canonicalEmail, requireEmail } from './credentials.ts';
import { newOneTimeToken, type Origin } from './one-time-token.ts';
import { requireOperator } from './require-operator.ts';

/** `link`: null when it was mailed; otherwise for the operator to pass on. */
export type Mailed = { account: Account; mail: 'sent' | 'failed' | 'not-configured'; link: string | null };

/**
 * An operator makes an account without a password and mails its owner the way in; asked again, mails the next one.
 * Errors: `invalid_input`, `forbidden`, `conflict`.
 */
export async function inviteAccount(ctx: Ctx, input: { email: string; isOperator: boolean }): Promise<Mailed> {
  const { config, random, store } = ctx.deps;
  const actor = await requireAccount(ctx);
  requireOperator(actor);
  const email = requireEmail(input.email);
  const token = await newOneTimeToken(ctx.deps, 'invite', toNewPassword(config));
  const { isOperator } = input;
  const invited = await store.signUps.invite(
    newAccount({
      id: random.uuid(),
      email,
      passwordHash: null,
      isOperator,
      createdAt: token.row.createdAt,
      emailConfirmedAt: null,
    }),
    token.row,
    { actor, request: ctx.request },
  );
  if (invited === null) throw new AppError('conflict', 'There is an account with this email already');
  return mailed(ctx, invited, invitation(email, config.publicUrl, token));
}

/**
 * An operator mails an account's owner the way to a new password; nothing ends before they choose one.
 * Errors: `not_found`, `forbidden`, `wrong_state` when it is disabled.
 */
export async function resetAccount(ctx: Ctx, input: { idOrEmail: string }): Promise<Mailed> {
  const { clock, config, store } = ctx.deps;
  const { actor, account } = await store.accounts.accountByIdOrEmail(
    ctx.credential,
    canonicalEmail(input.idOrEmail),
    clock.now(),
  );
  requireOperator(actor);
  if (account === null) throw notFound('Account');
  const token = await newOneTimeToken(ctx.deps, 'recovery', toNewPassword(config));
  const issued = await store.signUps.issueReset(account.id, token.row, { actor, request: ctx.request });
  if (!issued) throw new AppError('wrong_state', 'The account is disabled; enable it first');
  return mailed(ctx, account, resetPassword(account.email, token));
}

/** Studio's page on which somebody who is signed in chooses a password. */
function toNewPassword({ studioUrl }: Pick<Config, 'studioUrl'>): Origin {
  return studioUrl === null ? {} : { redirectTo: `${studioUrl}/reset-password` };
}

async function mailed({ deps }: Ctx, account: Account, letter: Letter): Promise<Mailed> {
  const delivery = await deliver(deps, letter);
  return {
    account,
    mail: delivery === 'logged' ? 'not-configured' : delivery,
    link: delivery === 'sent' ? null : letter.link,
  };
}
