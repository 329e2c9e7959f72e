import { z } from 'zod';
import type { AccessToken } from '../../client/contract/tokens.ts';
import { tokenPermissions } from '../../schema/token-permissions.ts';
import type { AccessToken as OwnToken } from '../accounts/access-token.ts';
import { createAccessToken } from '../accounts/create-access-token.ts';
import { listAccessTokens } from '../accounts/list-access-tokens.ts';
import { revokeAccessToken } from '../accounts/revoke-access-token.ts';
import { isoTime } from '../projects/iso-time.ts';
import { givenName } from '../projects/name.ts';
import { procedure, router } from './trpc.ts';

const listed = z.array(z.string().max(64)).min(1).max(100).optional();

const createInput = z.object({
  name: givenName,
  expiresAt: z.iso.datetime({ offset: true }).nullable().optional(),
  organizations: listed,
  projects: listed,
  permissions: z
    .array(z.enum(tokenPermissions))
    .min(1)
    .max(2 * tokenPermissions.length)
    .optional(),
});

/** `tokens.*`: the caller's own personal access tokens. */
export const tokens = router({
  list: procedure.query(async ({ ctx }) => (await listAccessTokens(ctx)).map(toWire)),

  create: procedure.input(createInput).mutation(async ({ ctx, input }) => {
    const expiresAt = input.expiresAt == null ? null : Date.parse(input.expiresAt);
    const { token, ...created } = await createAccessToken(ctx, {
      name: input.name,
      expiresAt,
      permissions: input.permissions,
      organizationSlugs: input.organizations,
      projectRefs: input.projects,
    });
    return { ...toWire(created), token };
  }),

  revoke: procedure
    .input(z.object({ id: z.int().positive() }))
    .mutation(async ({ ctx, input }) => toWire(await revokeAccessToken(ctx, input))),
});

function toWire(token: OwnToken): AccessToken {
  const { id, name, alias, createdAt, expiresAt, lastUsedAt } = token;
  return {
    id,
    name,
    alias,
    createdAt: isoTime(createdAt),
    expiresAt: expiresAt === null ? null : isoTime(expiresAt),
    lastUsedAt: lastUsedAt === null ? null : isoTime(lastUsedAt),
    organizations: token.organizationSlugs,
    projects: token.projectRefs,
    permissions: token.permissions === null ? null : [...token.permissions],
  };
}
