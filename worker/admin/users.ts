import { z } from 'zod';
import type { MailedUser, User } from '../../client/contract/users.ts';
import { createAccount } from '../accounts/create-account.ts';
import { currentUser } from '../accounts/current-user.ts';
import { disableAccount } from '../accounts/disable-account.ts';
import { enableAccount } from '../accounts/enable-account.ts';
import { inviteAccount, type Mailed, resetAccount } from '../accounts/invite-account.ts';
import { listAccounts } from '../accounts/list-accounts.ts';
import { resetMfa } from '../accounts/mfa/reset.ts';
import { isoTime } from '../projects/iso-time.ts';
import { cursorOf, limitOf, numericCursor, pageInput } from './paging.ts';
import { procedure, router } from './trpc.ts';

const createInput = z.object({
  email: z.string().max(320),
  password: z.string().max(4096),
  firstName: z.string().max(100).optional(),
  lastName: z.string().max(100).optional(),
  isOperator: z.boolean().optional(),
});

const id = z.object({ id: z.string().max(100) });

/** `users.*`: all but `me` are for operators. */
export const users = router({
  me: procedure.query(async ({ ctx }) => toWire(await currentUser(ctx))),

  list: procedure.input(pageInput.extend({ cursor: numericCursor }).optional()).query(async ({ ctx, input }) => {
    const found = await listAccounts(ctx, { after: input?.cursor, limit: limitOf(input) });
    return { items: found.accounts.map(toWire), nextCursor: cursorOf(found.next) };
  }),

  create: procedure.input(createInput).mutation(async ({ ctx, input }) => toWire(await createAccount(ctx, input))),

  invite: procedure
    .input(z.object({ email: z.string().max(320), isOperator: z.boolean().default(false) }))
    .mutation(async ({ ctx, input }) => toMailed(await inviteAccount(ctx, input))),

  reset: procedure
    .input(z.object({ idOrEmail: z.string().max(320) }))
    .mutation(async ({ ctx, input }) => toMailed(await resetAccount(ctx, input))),

  disable: procedure.input(id).mutation(async ({ ctx, input }) => toWire(await disableAccount(ctx, input))),

  enable: procedure.input(id).mutation(async ({ ctx, input }) => toWire(await enableAccount(ctx, input))),

  resetMfa: procedure.input(id).mutation(async ({ ctx, input }) => toWire(await resetMfa(ctx, input))),
});

function toMailed({ account, mail, link }: Mailed): MailedUser {
  return { user: toWire(account), mail, link };
}

function toWire(account: Awaited<ReturnType<typeof createAccount>>): User {
  const { id, email, firstName, lastName, isOperator, createdAt, emailConfirmedAt, lastSignInAt, disabledAt } = account;
  return {
    id,
    email,
    firstName,
    lastName,
    isOperator,
    createdAt: isoTime(createdAt),
    emailConfirmedAt: emailConfirmedAt === null ? null : isoTime(emailConfirmedAt),
    lastSignInAt: lastSignInAt === null ? null : isoTime(lastSignInAt),
    disabledAt: disabledAt === null ? null : isoTime(disabledAt),
  };
}
