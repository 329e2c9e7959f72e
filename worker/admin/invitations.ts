import { z } from 'zod';
import type { Invitation } from '../../client/contract/members.ts';
import { endInvitation } from '../organizations/end-invitation.ts';
import type { Invitation as FoundInvitation } from '../organizations/invitation.ts';
import { listInvitations } from '../organizations/list-invitations.ts';
import { isoTime } from '../projects/iso-time.ts';
import { cursorOf, limitOf, numericCursor, pageInput } from './paging.ts';
import { procedure, router } from './trpc.ts';

const organization = z.string().max(100);

/** `invitations.*`; `members.invite` makes them. */
export const invitations = router({
  list: procedure.input(pageInput.extend({ cursor: numericCursor, organization })).query(async ({ ctx, input }) => {
    const limit = limitOf(input);
    const offset = input.cursor ?? 0;
    const found = await listInvitations(ctx, { slug: input.organization, limit: limit + 1, offset });
    return {
      items: found.slice(0, limit).map(toInvitationWire),
      nextCursor: cursorOf(found.length > limit ? offset + limit : null),
    };
  }),

  revoke: procedure.input(z.object({ organization, id: z.int().positive() })).mutation(async ({ ctx, input }) => {
    await endInvitation(ctx, { slug: input.organization, id: input.id });
    return {};
  }),
});

/** An invitation as clients of tRPC see it. */
export function toInvitationWire({ id, email, role, refs, createdAt, expiresAt }: FoundInvitation): Invitation {
  return { id, email, role, projects: refs, invitedAt: isoTime(createdAt), expiresAt: isoTime(expiresAt) };
}
