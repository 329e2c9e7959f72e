import { z } from 'zod';
import { invitationRoleId, roleIdOf } from '../../schema/role-ids.ts';
import type { Role } from '../../schema/roles.ts';
import type { InvitationRow } from '../store/invitations.ts';

/** for how long a link lets somebody in */
export const invitationMs = 24 * 60 * 60 * 1000;

/** An open invitation. */
export type Invitation = {
  id: number;
  email: string;
  role: Role;
  /** of the projects the role is for; none: the whole organization */
  refs: string[];
  createdAt: number;
  expiresAt: number;
};

const storedRefs = z.array(z.string());

/** The invitation a row is about. */
export function toInvitation(row: InvitationRow): Invitation {
  const { id, email, role, refs, createdAt, expiresAt } = row;
  return { id, email, role, refs: storedRefs.parse(JSON.parse(refs)), createdAt, expiresAt };
}

/** The id by which Studio knows the role it would give. */
export function roleIdOfInvitation({ id, role, refs }: Pick<Invitation, 'id' | 'role' | 'refs'>): number {
  return refs.length === 0 ? roleIdOf(role) : invitationRoleId(id, role);
}

/** What it would give, as the person who is invited is told it. */
export function offeredRole({ role, refs }: Pick<Invitation, 'role' | 'refs'>): string {
  if (refs.length === 0) return role;
  return `${role}, for ${refs.length === 1 ? 'one of its projects' : `${refs.length} of its projects`} only`;
}

/** What it would give, in a few words. */
export function describeInvitation({ role, refs }: Pick<Invitation, 'role' | 'refs'>): string {
  return refs.length === 0 ? role : `${role}: ${refs.join(', ')}`;
}
