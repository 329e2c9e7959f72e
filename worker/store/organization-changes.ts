import type { AuditEntry } from '../../schema/audit-entry.ts';
import type { Actor, RequestInfo } from '../deps.ts';
import { accountActor, auditInsert } from './audit.ts';
import { change } from './change.ts';
import type { Database, Statement } from './db.ts';
import type { Condition, Decider } from './member-guard.ts';

type By = { decider: Decider; actor: Actor; request: RequestInfo; entry: AuditEntry; at: number };
type Affected = Statement<{ rowsAffected: number }>;

/** Changes of organizations while the one who makes them is what it was. One round trip each. */
export function organizationChangeStore(database: Database) {
  return {
    /** False: it is gone, or the actor's role changed. */
    async update(
      id: number,
      /** null: stays as it is */
      to: { name: string | null; optInTags: string | null; requiresMfa: boolean | null },
      by: By,
    ): Promise<boolean> {
      const holds = isStill(id, by.decider);
      const [updated] = await database.write([
        change(
          `update organizations set name = coalesce(?, name), opt_in_tags = coalesce(?, opt_in_tags),
             requires_mfa = coalesce(?, requires_mfa) where id = ? and ${holds.sql}`,
          [to.name, to.optInTags, to.requiresMfa === null ? null : Number(to.requiresMfa), id, ...holds.args],
        ),
        audited(by),
      ]);
      return updated.rowsAffected === 1;
    },

    /**
     * Deletes it with its people, invitations and what limited access tokens reached of it, unless it has a project.
     * What hangs on it is not left to the driver's foreign-key setting. Returns how many projects keep it.
     */
    async remove(id: number, by: By): Promise<{ removed: boolean; projects: number }> {
      const holds = isStill(id, by.decider);
      const isEmpty = 'not exists (select 1 from projects where organization_id = ?)';
      const gone = 'not exists (select 1 from organizations where id = ?)';
      const [projects, removed] = await database.write([
        countProjects(id),
        change(`delete from organizations where id = ? and ${isEmpty} and ${holds.sql}`, [id, id, ...holds.args]),
        audited(by),
        ...['memberships', 'project_roles', 'invitations', 'access_token_resources'].map((table) =>
          change(`delete from ${table} where organization_id = ? and ${gone}`, [id, id]),
        ),
      ]);
      return { removed: removed.rowsAffected === 1, projects };
    },
  };
}
export type OrganizationChangeStore = ReturnType<typeof organizationChangeStore>;

function isStill(organizationId: number, { accountId, role }: Decider): Condition {
  return {
    sql: 'exists (select 1 from memberships where organization_id = ? and account_id = ? and role = ?)',
    args: [organizationId, accountId, role],
  };
}

function countProjects(organizationId: number): Statement<number> {
  return {
    sql: 'select count(*) as count from projects where organization_id = ?',
    args: [organizationId],
    decode: ({ rows: [row] }) => Number(row?.count ?? 0),
  };
}

function audited({ entry, actor, request, at }: By): Affected {
  return auditInsert(entry, { actor: accountActor(actor), request, at });
}
