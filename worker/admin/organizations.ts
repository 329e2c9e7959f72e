import { z } from 'zod';
import type { Organization } from '../../client/contract/organizations.ts';
import { requireMember } from '../access/require-member.ts';
import { createOrganization } from '../organizations/create.ts';
import { deleteOrganization } from '../organizations/delete.ts';
import { enforceMfa } from '../organizations/enforce-mfa.ts';
import { listOrganizations } from '../organizations/list.ts';
import { leaveOrganization } from '../organizations/remove-member.ts';
import { transferOwnership } from '../organizations/transfer-ownership.ts';
import { updateOrganization } from '../organizations/update.ts';
import { givenName } from '../projects/name.ts';
import { toWire as memberToWire } from './members.ts';
import { cursorOf, limitOf, numericCursor, pageInput } from './paging.ts';
import { procedure, router } from './trpc.ts';

const slugInput = z.object({ slug: z.string().max(100) });

/** `organizations.*` */
export const organizations = router({
  list: procedure.input(pageInput.extend({ cursor: numericCursor }).optional()).query(async ({ ctx, input }) => {
    const limit = limitOf(input);
    const offset = input?.cursor ?? 0;
    const found = await listOrganizations(ctx, { limit: limit + 1, offset });
    const nextCursor = cursorOf(found.length > limit ? offset + limit : null);
    return { items: found.slice(0, limit).map(toWire), nextCursor };
  }),

  get: procedure.input(slugInput).query(async ({ ctx, input }) => {
    return toWire((await requireMember(ctx, input.slug, 'organization:read')).organization);
  }),

  create: procedure.input(z.object({ name: givenName })).mutation(async ({ ctx, input }) => {
    return toWire(await createOrganization(ctx, input));
  }),

  rename: procedure.input(slugInput.extend({ name: givenName })).mutation(async ({ ctx, input }) => {
    return toWire(await updateOrganization(ctx, input));
  }),

  delete: procedure.input(slugInput).mutation(async ({ ctx, input }) => {
    await deleteOrganization(ctx, input);
    return {};
  }),

  leave: procedure.input(slugInput).mutation(async ({ ctx, input }) => {
    await leaveOrganization(ctx, input);
    return {};
  }),

  transfer: procedure.input(slugInput.extend({ to: z.string().max(320) })).mutation(async ({ ctx, input }) => {
    return memberToWire(await transferOwnership(ctx, input));
  }),

  enforceMfa: procedure.input(slugInput.extend({ enforced: z.boolean() })).mutation(async ({ ctx, input }) => {
    await enforceMfa(ctx, input);
    return { enforced: input.enforced };
  }),
});

function toWire({ slug, name, role }: Organization): Organization {
  return { slug, name, role };
}
