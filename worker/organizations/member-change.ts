import type { AuditEntry } from '../../schema/audit-entry.ts';
import type { Membership } from '../access/require-member.ts';
import type { Actor, Ctx } from '../deps.ts';
import type { Decider, MemberBefore } from '../store/member-guard.ts';
import type { Member } from './member.ts';

type Place = { actor: Actor; organization: Membership };

/** Who makes a change in an organization, and what the audit log says of it. */
export function byOf(ctx: Ctx, { actor, organization }: Place, entry: Omit<AuditEntry, 'organizationId'>) {
  return {
    decider: deciderOf({ actor, organization }),
    actor,
    request: ctx.request,
    at: ctx.deps.clock.now(),
    entry: { ...entry, organizationId: organization.id },
  };
}

/** The role that has to hold still for the change to be made. */
export function deciderOf({ actor, organization }: Place): Decider {
  return { accountId: actor.accountId, role: organization.role };
}

/** The member as it was when it was decided about. */
export function beforeOf(organization: Membership, member: Member): MemberBefore {
  const { accountId, role, storedProjectRoles } = member;
  return { organizationId: organization.id, accountId, role, projectRoles: storedProjectRoles };
}
