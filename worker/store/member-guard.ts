import type { Role, Standing } from '../../schema/roles.ts';
import type { Statement } from './db.ts';

type Args = Statement<unknown>['args'];
export type Condition = { sql: string; args: Args };
export type ProjectRole = { ref: string; role: Role };

/** A member as it was when somebody decided about it. */
export type MemberBefore = {
  organizationId: number;
  accountId: string;
  role: Standing;
  /** as `projectRolesText` writes them */
  projectRoles: string;
};

/** Who decided about it, and what allowed that. */
export type Decider = { accountId: string; role: Standing };

/** The roles of a member in projects, `<ref> <role>` each, in one text that compares; SQL over the ids it is given. */
export function projectRolesText(account: string, organization: string): string {
  return `(select coalesce(group_concat(ref || ' ' || role, ','), '') from (
    select ref, role from project_roles where account_id = ${account} and organization_id = ${organization} order by ref))`;
}

/** The text `projectRolesText` makes of them. */
export function writeProjectRoles(roles: readonly ProjectRole[]): string {
  const sorted = [...roles].sort((left, right) => (left.ref < right.ref ? -1 : 1));
  return sorted.map(({ ref, role }) => `${ref} ${role}`).join(',');
}

/** Holds while a member is as it was, and so is who decides about it. */
export function unchanged(before: MemberBefore, decider: Decider): Condition {
  const { organizationId, accountId } = before;
  return {
    sql: `exists (select 1 from memberships where organization_id = ? and account_id = ? and role = ?)
      and exists (select 1 from memberships where organization_id = ? and account_id = ? and role = ?)
      and ${projectRolesText('?', '?')} = ?`,
    args: [
      ...[organizationId, accountId, before.role],
      ...[organizationId, decider.accountId, decider.role],
      ...[accountId, organizationId, before.projectRoles],
    ],
  };
}

/** As `unchanged`, for what makes a member an Owner no more: holds only while another one is there who can sign in. */
export function unchangedAndNotLastOwner(before: MemberBefore, decider: Decider): Condition {
  const same = unchanged(before, decider);
  if (before.role !== 'Owner') return same;
  const others = otherOwners('?', '?');
  return { sql: `${same.sql} and ${others} > 0`, args: [...same.args, before.organizationId, before.accountId] };
}

/** How many Owners an organization has besides one account; SQL over the ids it is given. */
export function otherOwners(organization: string, account: string): string {
  return `(select count(*) from memberships as o join accounts as a on a.id = o.account_id
    where o.organization_id = ${organization} and o.role = 'Owner' and o.account_id <> ${account} and a.disabled_at is null)`;
}

/** Whether all of these refs are projects of the organization. */
export function areProjectsOf(organizationId: number, refs: readonly string[]): Condition {
  return {
    sql: `(select count(*) from projects where organization_id = ? and ref in (select value from json_each(?))) = ?`,
    args: [organizationId, JSON.stringify(refs), refs.length],
  };
}

/** Both of them. */
export function both(left: Condition, right: Condition): Condition {
  return { sql: `${left.sql} and ${right.sql}`, args: [...left.args, ...right.args] };
}
