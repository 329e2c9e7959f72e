import { requireAccount } from '../access/require-account.ts';
import type { Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { Account, NewAccount } from '../store/accounts.ts';
import { requireEmail, requirePassword } from './credentials.ts';
import { requireOperator } from './require-operator.ts';

export type CreateAccount = {
  email: string;
  password: string;
  firstName?: string | undefined;
  lastName?: string | undefined;
  isOperator?: boolean | undefined;
};

/** An operator makes an account that can sign in. Errors: `invalid_input`, `forbidden`, `conflict`, `overloaded`. */
export async function createAccount(ctx: Ctx, input: CreateAccount): Promise<Account> {
  const { clock, hasher, random, store } = ctx.deps;
  const actor = await requireAccount(ctx);
  requireOperator(actor);
  const email = requireEmail(input.email);
  const passwordHash = await hasher.hash(requirePassword(input.password));
  const account = newAccount({ ...input, id: random.uuid(), email, passwordHash, createdAt: clock.now() });
  const created = await store.accounts.addAccount(account, {
    actor: { kind: 'account', id: actor.accountId },
    request: ctx.request,
  });
  if (created === null) throw new AppError('conflict', 'There is an account with this email already');
  return created;
}

/** The row of an account, with what was left out filled in. */
export function newAccount(
  input: Omit<CreateAccount, 'password'> & {
    id: string;
    passwordHash: string | null;
    createdAt: number;
    /** null: the address is confirmed by mail; left out: whoever makes the account answers for it */
    emailConfirmedAt?: null;
    userMetadata?: string;
  },
): NewAccount {
  return {
    id: input.id,
    email: input.email,
    passwordHash: input.passwordHash,
    username: input.email,
    firstName: input.firstName ?? '',
    lastName: input.lastName ?? '',
    isOperator: input.isOperator ?? false,
    createdAt: input.createdAt,
    emailConfirmedAt: input.emailConfirmedAt === null ? null : input.createdAt,
    userMetadata: input.userMetadata ?? '{}',
  };
}
