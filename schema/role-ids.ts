import { type Role, roles } from './roles.ts';

/**
 * The numeric ids by which Studio knows roles. One that holds for the whole organization has the id of `roles`; those a
 * member has in single projects, and those an open invitation would give there, have ids of their own for each base
 * role. All of them end with the digit of their base role. Nothing stores them: they are made and read here.
 */
export type RoleId =
  | { kind: 'organization'; role: Role }
  | { kind: 'member'; accountNumber: number; role: Role }
  | { kind: 'invitation'; invitationId: number; role: Role };

const firstOfMembers = 10_000;
const firstOfInvitations = 1_000_000_000_000;

/** The id of a role in a whole organization, which also is the base of its ids in projects. */
export function roleIdOf(role: Role): number {
  const known = roles.find(({ name }) => name === role);
  if (known === undefined) throw new Error(`there is no role called ${role}`);
  return known.id;
}

/** The id of the role a member has in some projects. */
export function memberRoleId(accountNumber: number, role: Role): number {
  return firstOfMembers + accountNumber * 10 + roleIdOf(role);
}

/** The id of the role an open invitation would give in some projects. */
export function invitationRoleId(invitationId: number, role: Role): number {
  return firstOfInvitations + invitationId * 10 + roleIdOf(role);
}

/** What an id stands for; null: nothing. */
export function readRoleId(id: number): RoleId | null {
  if (!Number.isSafeInteger(id) || id < 1) return null;
  const role = roles.find((known) => known.id === id % 10)?.name;
  if (role === undefined) return null;
  if (id < 10) return { kind: 'organization', role };
  if (id < firstOfMembers) return null;
  if (id < firstOfInvitations) {
    return { kind: 'member', accountNumber: Math.floor((id - firstOfMembers) / 10), role };
  }
  return { kind: 'invitation', invitationId: Math.floor((id - firstOfInvitations) / 10), role };
}
