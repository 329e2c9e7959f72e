import { z } from 'zod';
import type { Organization } from '../../client/contract.ts';
import { requireMember } from '../access/require-member.ts';
import { createOrganization } from '../organizations/create.ts';
import { listOrganizations } from '../organizations/list.ts';
import { givenName } from '../projects/name.ts';
import { cursorOf, limitOf, numericCursor, pageInput } from './paging.ts';
import { procedure, router } from './trpc.ts';

/** `organizations.*` */
export const organizations = router({
  list: procedure.input(pageInput.extend({ cursor: numericCursor }).optional()).query(async ({ ctx, input }) => {
    const limit = limitOf(input);
    const offset = input?.cursor ?? 0;
    const found = await listOrganizations(ctx, { limit: limit + 1, offset });
    const nextCursor = cursorOf(found.length > limit ? offset + limit : null);
    return { items: found.slice(0, limit).map(toWire), nextCursor };
  }),

  get: procedure.input(z.object({ slug: z.string().max(100) })).query(async ({ ctx, input }) => {
    return toWire((await requireMember(ctx, input.slug, 'organization:read')).organization);
  }),

  create: procedure.input(z.object({ name: givenName })).mutation(async ({ ctx, input }) => {
    return toWire(await createOrganization(ctx, input));
  }),
});

function toWire({ slug, name, role }: Organization): Organization {
  return { slug, name, role };
}
