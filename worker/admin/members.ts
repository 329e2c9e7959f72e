import { z } from 'zod';
import type { InvitedMember, Member } from '../../client/contract/members.ts';
import { type Role, roleName } from '../../schema/roles.ts';
import type { Ctx } from '../deps.ts';
import { invite } from '../organizations/invite.ts';
import { listMembers } from '../organizations/list-members.ts';
import type { Member as FoundMember } from '../organizations/member.ts';
import { removeMember } from '../organizations/remove-member.ts';
import { setMemberRole } from '../organizations/set-member-role.ts';
import { addProjectRole } from '../organizations/set-project-roles.ts';
import { toInvitationWire } from './invitations.ts';
import { cursorOf, limitOf, numericCursor, pageInput } from './paging.ts';
import { procedure, router } from './trpc.ts';

const organization = z.string().max(100);
/** its id or its address */
const member = z.string().max(320);
const projects = z.array(z.string().max(64)).min(1).max(1000).optional();

/** `members.*` */
export const members = router({
  list: procedure.input(pageInput.extend({ cursor: numericCursor, organization })).query(async ({ ctx, input }) => {
    const limit = limitOf(input);
    const offset = input.cursor ?? 0;
    const found = await listMembers(ctx, { slug: input.organization, limit: limit + 1, offset });
    return {
      items: found.slice(0, limit).map(toWire),
      nextCursor: cursorOf(found.length > limit ? offset + limit : null),
    };
  }),

  invite: procedure
    .input(z.object({ organization, email: z.string().max(320), role: roleName, projects }))
    .mutation(async ({ ctx, input }): Promise<InvitedMember> => {
      const { organization: slug, email, role, projects: refs = [] } = input;
      const [invited] = await invite(ctx, { slug, emails: [email], role, refs });
      if (invited === undefined) throw new Error('nobody was invited');
      return { ...toInvitationWire(invited), link: invited.link };
    }),

  setRole: procedure
    .input(z.object({ organization, member, role: roleName, projects }))
    .mutation(async ({ ctx, input }) => toWire(await giveRole(ctx, { ...input, refs: input.projects }))),

  remove: procedure.input(z.object({ organization, member })).mutation(async ({ ctx, input }) => {
    await removeMember(ctx, { slug: input.organization, member: input.member });
    return {};
  }),
});

function giveRole(
  ctx: Ctx,
  input: { organization: string; member: string; role: Role; refs: string[] | undefined },
): Promise<FoundMember> {
  const { organization: slug, refs, ...given } = input;
  return refs === undefined ? setMemberRole(ctx, { ...given, slug }) : addProjectRole(ctx, { ...given, slug, refs });
}

/** A member as clients of tRPC see it. */
export function toWire({ accountId, email, username, role, projectRoles, hasFactor }: FoundMember): Member {
  return { id: accountId, email, username, role, projectRoles, hasSecondFactor: hasFactor };
}
