import type { Invitation, Member } from '../client/contract/members.ts';
import type { Colors } from './cli.ts';
import { type Column, fields } from './table.ts';

export const memberColumns: Column<Member>[] = [
  { title: 'EMAIL', value: ({ email }) => email },
  { title: 'ROLE', value: ({ role }) => role },
  { title: 'IN PROJECTS', value: rolesInProjects },
  { title: 'SECOND FACTOR', value: ({ hasSecondFactor }) => (hasSecondFactor ? 'yes' : 'no') },
  { title: 'ID', value: ({ id }) => id },
];

/** One member, a line for each thing there is to say. */
export function memberText(member: Member, colors: Colors): string {
  return fields(
    [
      ['Id', member.id],
      ['Email', member.email],
      ['Role', member.role],
      ['In projects', rolesInProjects(member) || null],
    ],
    colors,
  );
}

export const invitationColumns: Column<Invitation>[] = [
  { title: 'ID', value: ({ id }) => String(id) },
  { title: 'EMAIL', value: ({ email }) => email },
  { title: 'ROLE', value: ({ role }) => role },
  { title: 'IN PROJECTS', value: ({ projects }) => projects.join(', ') },
  { title: 'GOOD UNTIL', value: ({ expiresAt }) => expiresAt },
];

function rolesInProjects({ projectRoles }: Member): string {
  return projectRoles.map(({ ref, role }) => `${ref} ${role}`).join(', ');
}
