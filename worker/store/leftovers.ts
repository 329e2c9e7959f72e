import type { AuditEntry } from '../../schema/audit-entry.ts';
import { type AuditActor, auditInsert } from './audit.ts';
import { change } from './change.ts';
import type { Statement } from './db.ts';

/** A project that was being removed on a host that nobody will report from any more. */
export type Leftover = { ref: string; organizationId: number };

export function leftoversOf(hostId: string): Statement<Leftover[]> {
  return {
    sql: `select ref, organization_id from projects where host_id = ? and power = 'removed' order by ref`,
    args: [hostId],
    decode: ({ rows }) => rows.map((row) => ({ ref: String(row[0]), organizationId: Number(row[1]) })),
  };
}

/** SQL that holds while no further project is being removed on the host: the audit rows are made for these. */
export function noOthers(hostId: string, leftovers: readonly Leftover[]): { sql: string; args: string[] } {
  return {
    sql: `not exists (select 1 from projects where host_id = ? and power = 'removed'
                        and ref not in (select value from json_each(?)))`,
    args: [hostId, JSON.stringify(leftovers.map(({ ref }) => ref))],
  };
}

/** Removes them with an audit row each, behind what ended the host's key, when `ended` says that this was done. */
export function removeLeftovers(
  leftovers: readonly Leftover[],
  ended: { sql: string; args: Statement<unknown>['args'] },
  details: NonNullable<AuditEntry['details']>,
  by: { actor: AuditActor; request: Parameters<typeof auditInsert>[1]['request']; at: number },
): Statement<{ rowsAffected: number }>[] {
  return leftovers.flatMap(({ ref, organizationId }) => [
    change(`delete from projects where ref = ? and power = 'removed' and host_id = (${ended.sql})`, [
      ref,
      ...ended.args,
    ]),
    auditInsert({ organizationId, action: 'project.removed', target: ref, details }, by),
  ]);
}
