import { z } from 'zod';
import type { User } from '../../client/contract.ts';
import { createAccount } from '../accounts/create-account.ts';
import { currentUser } from '../accounts/current-user.ts';
import { disableAccount } from '../accounts/disable-account.ts';
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

/** `users.*`: all but `me` are for operators. */
export const users = router({
  me: procedure.query(async ({ ctx }) => toWire(await currentUser(ctx))),

  list: procedure.input(pageInput.extend({ cursor: numericCursor }).optional()).query(async ({ ctx, input }) => {
    const found = await listAccounts(ctx, { after: input?.cursor, limit: limitOf(input) });
    return { items: found.accounts.map(toWire), nextCursor: cursorOf(found.next) };
  }),

  create: procedure.input(createInput).mutation(async ({ ctx, input }) => toWire(await createAccount(ctx, input))),

  disable: procedure
    .input(z.object({ id: z.string().max(100) }))
    .mutation(async ({ ctx, input }) => toWire(await disableAccount(ctx, input))),

  resetMfa: procedure
    .input(z.object({ id: z.string().max(100) }))
    .mutation(async ({ ctx, input }) => toWire(await resetMfa(ctx, input))),
});

function toWire(account: Awaited<ReturnType<typeof createAccount>>): User {
  const { id, email, firstName, lastName, isOperator, createdAt, lastSignInAt, disabledAt } = account;
  return {
    id,
    email,
    firstName,
    lastName,
    isOperator,
    createdAt: isoTime(createdAt),
    lastSignInAt: lastSignInAt === null ? null : isoTime(lastSignInAt),
    disabledAt: disabledAt === null ? null : isoTime(disabledAt),
  };
}
