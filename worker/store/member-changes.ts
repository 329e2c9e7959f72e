import type { AuditEntry } from '../../schema/audit-entry.ts';
import type { Role } from '../../schema/roles.ts';
import type { Actor, RequestInfo } from '../deps.ts';
import { accountActor, auditInsert } from './audit.ts';
import { change } from './change.ts';
import type { Database, Statement } from './db.ts';
import {
  areProjectsOf,
  both,
  type Condition,
  type Decider,
  type MemberBefore,
  type ProjectRole,
  unchanged,
  unchangedAndNotLastOwner,
  writeProjectRoles,
} from './member-guard.ts';

type By = { decider: Decider; actor: Actor; request: RequestInfo; entry: AuditEntry; at: number };
type Affected = Statement<{ rowsAffected: number }>;

/**
 * Changes of members. One round trip each; false: somebody changed the member, who decides about it or the Owners
 * meanwhile, and nothing was done. Each statement expects the roles as the one before it left them.
 */
export function memberChangeStore(database: Database) {
  return {
    /** A role in the whole organization; those in projects go. */
    async setRole(member: MemberBefore, role: Role, by: By): Promise<boolean> {
      const holds = role === 'Owner' ? unchanged : unchangedAndNotLastOwner;
      const [, changed] = await database.write([
        endProjectRoles(member, holds(member, by.decider)),
        update(member, role, holds({ ...member, projectRoles: '' }, by.decider)),
        audited(by),
      ]);
      return changed.rowsAffected === 1;
    },

    /** Roles in these projects instead of all that the member had; false as well when one is not of the organization. */
    async setProjectRoles(member: MemberBefore, roles: readonly ProjectRole[], by: By): Promise<boolean> {
      const refs = roles.map(({ ref }) => ref);
      const expecting = (projectRoles: string): Condition =>
        both(
          unchangedAndNotLastOwner({ ...member, projectRoles }, by.decider),
          areProjectsOf(member.organizationId, refs),
        );
      const wanted = writeProjectRoles(roles);
      const [, , changed] = await database.write([
        endProjectRoles(member, expecting(member.projectRoles)),
        give(member, roles, by.at, expecting('')),
        update(member, 'Project-scoped', expecting(wanted)),
        audited(by),
      ]);
      return changed.rowsAffected === 1;
    },

    /** Ends the membership, and by triggers what hangs on it: roles in projects, and limited tokens' reach. */
    async remove(member: MemberBefore, by: By): Promise<boolean> {
      const holds = unchangedAndNotLastOwner(member, by.decider);
      const [removed] = await database.write([
        change(`delete from memberships where organization_id = ? and account_id = ? and ${holds.sql}`, [
          member.organizationId,
          member.accountId,
          ...holds.args,
        ]),
        audited(by),
      ]);
      return removed.rowsAffected === 1;
    },

    /** Makes the member an Owner, and the Owner who decides it an Administrator. */
    async transfer(member: MemberBefore, by: By): Promise<boolean> {
      const { organizationId } = member;
      const owner = { organizationId, ...by.decider, projectRoles: '' };
      const holds = unchangedAndNotLastOwner(owner, by.decider);
      const [, , changed] = await database.write([
        endProjectRoles(member, unchanged(member, by.decider)),
        update(member, 'Owner', unchanged({ ...member, projectRoles: '' }, by.decider)),
        update(
          owner,
          'Administrator',
          both(holds, {
            sql: "exists (select 1 from memberships where organization_id = ? and account_id = ? and role = 'Owner')",
            args: [organizationId, member.accountId],
          }),
        ),
        audited(by),
      ]);
      return changed.rowsAffected === 1;
    },
  };
}
export type MemberChangeStore = ReturnType<typeof memberChangeStore>;

type Key = Pick<MemberBefore, 'organizationId' | 'accountId'>;

function endProjectRoles({ organizationId, accountId }: Key, holds: Condition): Affected {
  return change(`delete from project_roles where account_id = ? and organization_id = ? and ${holds.sql}`, [
    accountId,
    organizationId,
    ...holds.args,
  ]);
}

function give({ organizationId, accountId }: Key, roles: readonly ProjectRole[], at: number, holds: Condition) {
  return change(
    `insert into project_roles (account_id, organization_id, ref, role, created_at)
     select ?, ?, value ->> 'ref', value ->> 'role', ? from json_each(?) where ${holds.sql}`,
    [accountId, organizationId, at, JSON.stringify(roles), ...holds.args],
  );
}

function update({ organizationId, accountId }: Key, role: Role | 'Project-scoped', holds: Condition): Affected {
  return change(`update memberships set role = ? where organization_id = ? and account_id = ? and ${holds.sql}`, [
    role,
    organizationId,
    accountId,
    ...holds.args,
  ]);
}

function audited({ entry, actor, request, at }: By): Affected {
  return auditInsert(entry, { actor: accountActor(actor), request, at });
}
