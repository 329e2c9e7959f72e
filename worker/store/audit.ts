import type { AuditAction, AuditEntry } from '../../schema/audit-entry.ts';
import type { Actor, RequestInfo } from '../deps.ts';
import type { Statement } from './db.ts';

export type AuditActor =
  | { kind: 'account'; id: string }
  | { kind: 'host'; id: string }
  | { kind: 'system'; id: string };

type By = { actor: AuditActor; request: Pick<RequestInfo, 'id' | 'address'>; at: number };

/** Who did it, when an account did. */
export function accountActor(actor: Pick<Actor, 'accountId'>): AuditActor {
  return { kind: 'account', id: actor.accountId };
}

/**
 * An audit row that joins the caller's batch. It goes right behind the change and is written only when that changed
 * exactly one row, so a lost compare-and-set leaves no trace of something that did not happen.
 */
export function auditInsert(entry: AuditEntry, by: By): Statement<{ rowsAffected: number }> {
  return {
    sql: `insert into audit_entries (at, organization_id, actor_kind, actor_id, action, target, request_id, address, details)
          select ?, ?, ?, ?, ?, ?, ?, ?, ? where changes() = 1`,
    args: [
      by.at,
      entry.organizationId,
      by.actor.kind,
      by.actor.id,
      entry.action,
      entry.target,
      by.request.id,
      by.request.address,
      JSON.stringify(entry.details ?? {}),
    ],
    decode: (set) => ({ rowsAffected: set.rowsAffected }),
  };
}

/**
 * An audit row for each row of `from` (a table and its condition), for changes whose rows only the database knows.
 * `organizationId`, `target` and `details` are SQL over such a row. Before a deletion it goes under the same condition.
 */
export function auditEach(
  entry: { action: AuditAction; organizationId: string; target: string; details: string },
  from: { sql: string; args: Statement<unknown>['args'] },
  by: By,
): Statement<{ rowsAffected: number }> {
  return {
    sql: `insert into audit_entries (at, organization_id, actor_kind, actor_id, action, target, request_id, address, details)
          select ?, ${entry.organizationId}, ?, ?, ?, ${entry.target}, ?, ?, ${entry.details} from ${from.sql}`,
    args: [by.at, by.actor.kind, by.actor.id, entry.action, by.request.id, by.request.address, ...from.args],
    decode: (set) => ({ rowsAffected: set.rowsAffected }),
  };
}
