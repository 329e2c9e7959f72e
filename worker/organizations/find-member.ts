import type { Role, Standing } from '../../schema/roles.ts';
import type { Membership } from '../access/require-member.ts';
import { canonicalEmail } from '../accounts/credentials.ts';
import type { Actor, Ctx } from '../deps.ts';
import { AppError, notFound } from '../errors.ts';
import { authorize } from '../policy.ts';
import { knownSlug } from './known-slug.ts';
import { type Member, toMember } from './member.ts';

export type FoundMember = Member & {
  isDisabled: boolean;
  /** Owners besides this member who can sign in */
  otherOwners: number;
};

export type Found = {
  actor: Actor;
  organization: Membership;
  member: FoundMember;
  /** those of the refs asked about that are projects of the organization */
  knownRefs: string[];
};

/**
 * A member by its id or its address, within an organization of the actor's. What the actor may do with it is still to
 * be asked. Errors: `not_found`.
 */
export async function findMember(
  ctx: Ctx,
  input: { slug: string; member: string; refs?: readonly string[] },
): Promise<Found> {
  const { clock, store } = ctx.deps;
  const { actor, organization, member, knownRefs } = await store.members.member(
    ctx.credential,
    { slug: knownSlug(input.slug), member: canonicalEmail(input.member), refs: input.refs ?? [] },
    clock.now(),
  );
  if (organization === null) throw notFound('Organization');
  if (member === null) {
    // who may not change members is told so, and not who is one
    authorize(actor, organization, 'members:manage');
    throw notFound('Member');
  }
  const { disabledAt, otherOwners } = member;
  return {
    actor,
    organization,
    knownRefs,
    member: { ...toMember(member), isDisabled: disabledAt !== null, otherOwners },
  };
}

/**
 * Refuses to give or take roles that the actor's own does not allow to: nobody makes or unmakes an Owner but an Owner.
 */
export function authorizeRoles(actor: Actor, organization: Membership, roles: readonly Standing[]): void {
  authorize(actor, organization, 'members:manage');
  if (roles.includes('Owner')) authorize(actor, organization, 'owners:manage');
}

/** Refuses to leave an organization without an Owner who can sign in. */
export function keepAnOwner(member: FoundMember): void {
  if (member.role !== 'Owner' || member.otherOwners > 0) return;
  throw new AppError(
    'wrong_state',
    'This is the last Owner of the organization: make another member an Owner first, or delete the organization',
  );
}

/** All roles of a member, wherever they hold. */
export function rolesOf({ role, projectRoles }: Member): Standing[] {
  return [role, ...projectRoles.map((one): Role => one.role)];
}
