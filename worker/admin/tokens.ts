import { z } from 'zod';
import type { AccessToken } from '../../client/contract.ts';
import { createAccessToken } from '../accounts/create-access-token.ts';
import { listAccessTokens } from '../accounts/list-access-tokens.ts';
import { revokeAccessToken } from '../accounts/revoke-access-token.ts';
import { isoTime } from '../projects/iso-time.ts';
import { givenName } from '../projects/name.ts';
import { procedure, router } from './trpc.ts';

const createInput = z.object({ name: givenName, expiresAt: z.iso.datetime({ offset: true }).nullable().optional() });

/** `tokens.*`: the caller's own personal access tokens. */
export const tokens = router({
  list: procedure.query(async ({ ctx }) => (await listAccessTokens(ctx)).map(toWire)),

  create: procedure.input(createInput).mutation(async ({ ctx, input }) => {
    const expiresAt = input.expiresAt == null ? null : Date.parse(input.expiresAt);
    const { token, ...created } = await createAccessToken(ctx, { name: input.name, expiresAt });
    return { ...toWire(created), token };
  }),

  revoke: procedure
    .input(z.object({ id: z.int().positive() }))
    .mutation(async ({ ctx, input }) => toWire(await revokeAccessToken(ctx, input))),
});

function toWire(token: Awaited<ReturnType<typeof revokeAccessToken>>): AccessToken {
  const { id, name, alias, createdAt, expiresAt, lastUsedAt } = token;
  return {
    id,
    name,
    alias,
    createdAt: isoTime(createdAt),
    expiresAt: expiresAt === null ? null : isoTime(expiresAt),
    lastUsedAt: lastUsedAt === null ? null : isoTime(lastUsedAt),
  };
}
