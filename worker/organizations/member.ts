import { type Role, roles, type Standing } from '../../schema/roles.ts';
import type { MemberRow } from '../store/members.ts';

export type ProjectRole = { ref: string; role: Role };

/** A member of an organization. */
export type Member = {
  accountId: string;
  number: number;
  email: string;
  username: string;
  role: Standing;
  /** by ref; those of project-scoped members, no other has any */
  projectRoles: ProjectRole[];
  /** as they are stored, to notice that somebody changed them */
  storedProjectRoles: string;
  hasFactor: boolean;
};

/** The member a row is about. */
export function toMember(row: MemberRow): Member {
  const { accountId, number, email, username, role, projectRoles } = row;
  return {
    accountId,
    number,
    email,
    username,
    role,
    projectRoles: readProjectRoles(projectRoles),
    storedProjectRoles: projectRoles,
    hasFactor: row.hasFactor === 1,
  };
}

/** `<ref> <role>,<ref> <role>`, as the store writes them. */
function readProjectRoles(text: string): ProjectRole[] {
  return text.split(',').flatMap((entry) => {
    const [ref = '', name] = entry.split(' ');
    const role = roles.find((known) => known.name === name)?.name;
    return role === undefined ? [] : [{ ref, role }];
  });
}

/** What a member may do, in a few words for the audit log: `Developer`, or `Developer: abc, def; Read-only: ghi`. */
export function describeRoles({ role, projectRoles }: Pick<Member, 'role' | 'projectRoles'>): string {
  if (role !== 'Project-scoped') return role;
  const given = roles.flatMap(({ name }) => {
    const refs = projectRoles.filter((one) => one.role === name).map(({ ref }) => ref);
    return refs.length === 0 ? [] : [`${name}: ${refs.join(', ')}`];
  });
  return given.length === 0 ? 'no role' : given.join('; ');
}
