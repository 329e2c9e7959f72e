import type { AuditEntry } from '../../schema/audit-entry.ts';
import type { Actor, RequestInfo } from '../deps.ts';
import type { Statement } from './db.ts';

export type AuditActor =
  | { kind: 'account'; id: string }
  | { kind: 'host'; id: string }
  | { kind: 'system'; id: string };

export function accountActor(actor: Pick<Actor, 'accountId'>): AuditActor {
  return { kind: 'account', id: actor.accountId };
}

/**
 * An audit row that joins the caller's batch. It goes right behind the change and is written only when that changed
 * exactly one row, so a lost compare-and-set leaves no trace of something that did not happen.
 */
export function auditInsert(
  entry: AuditEntry,
  by: { actor: AuditActor; request: RequestInfo; at: number },
): Statement<{ rowsAffected: number }> {
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
