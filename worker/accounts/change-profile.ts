import type { Actor, Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { Letter } from '../mail/letter.ts';
import { emailChanged } from '../mail/letters.ts';
import type { AccountWithPassword } from '../store/accounts.ts';
import { canonicalEmail } from './credentials.ts';
import { sessionNotFound } from './current-user.ts';
import { requireSession } from './require-session.ts';
import { identitiesOf } from './ways-in.ts';

export type ProfileChange = {
  firstName?: string | undefined;
  lastName?: string | undefined;
  username?: string | undefined;
  primaryEmail?: string | undefined;
};

/**
 * What the account is called. Its address becomes one that an identity provider vouches for; others go through
 * `changeEmail`. Errors: `unauthenticated`, `forbidden`, `insufficient_aal`, `invalid_input`, `conflict` (taken).
 */
export async function changeProfile(ctx: Ctx, input: ProfileChange): Promise<{ actor: Actor; letters: Letter[] }> {
  const { clock, store } = ctx.deps;
  requireSession(ctx);
  const own = await store.ownAccount.ownSecrets(ctx.credential, clock.now());
  if (own === null) throw sessionNotFound();
  const { actor, account } = own;
  const email = requireOwnEmail(account, input.primaryEmail);
  const username = requireUsername({ ...account, email }, input.username);
  const next = {
    firstName: input.firstName?.trim() ?? account.firstName,
    lastName: input.lastName?.trim() ?? account.lastName,
    username,
    email,
  };
  const changed = await store.ownAccount.changeProfile(next, { actor, request: ctx.request, at: clock.now() });
  if (changed === 'taken') throw new AppError('conflict', 'Another account has this user name or address');
  return {
    actor: { ...actor, ...next },
    letters: email === account.email ? [] : [emailChanged(account.email, email)],
  };
}

function requireOwnEmail(account: AccountWithPassword, wanted: string | undefined): string {
  if (wanted === undefined) return account.email;
  const email = canonicalEmail(wanted);
  const isVouchedFor = identitiesOf(account).some(
    (identity) => identity.email === email && identity.data.email_verified === true,
  );
  if (email === account.email || isVouchedFor) return email;
  throw new AppError('invalid_input', 'primary_email: must be an address of yours that is confirmed already');
}

/** A name that looks like an address has to be the account's own, or it could pass for somebody else. */
function requireUsername(account: { username: string; email: string }, wanted: string | undefined): string {
  if (wanted === undefined || wanted === account.username) return account.username;
  const username = wanted.trim();
  if (username === '') throw new AppError('invalid_input', 'username: must not be empty');
  if (username.includes('@') && username.toLowerCase() !== account.email) {
    throw new AppError('invalid_input', 'username: an address has to be your own');
  }
  return username;
}
