import type { AuditAction, AuditEntry } from '../../schema/audit-entry.ts';
import type { Actor, RequestInfo } from '../deps.ts';
import { expectedHead, type Link } from './chain.ts';
import type { Statement } from './db.ts';

export type AuditActor =
  | { kind: 'account'; id: string; credential?: 'session' | 'token' | undefined }
  | { kind: 'host'; id: string }
  | { kind: 'system'; id: string };

type By = {
  actor: AuditActor;
  request: Pick<RequestInfo, 'id' | 'address'> & { route?: string | null | undefined };
  at: number;
};

/** An entry of an organization that the same batch makes, which has no id before. */
export type FirstEntry = Omit<AuditEntry, 'organizationId'> & { organizationSlug: string };

/** When the entry is written, in SQL. `expected` has to hold then, or the whole batch breaks and nothing is done. */
export type AuditWhen = { when: Condition; expected?: Condition | undefined };
type Condition = { sql: string; args: Statement<unknown>['args'] };

const changedOne: AuditWhen = { when: { sql: 'changes() = 1', args: [] } };

/** Who did it, when an account did. */
export function accountActor(actor: Pick<Actor, 'accountId' | 'credential'>): AuditActor {
  return { kind: 'account', id: actor.accountId, credential: actor.credential };
}

/**
 * An audit row that joins the caller's batch. It goes right behind the change and is written only when that changed
 * exactly one row, so a lost compare-and-set leaves no trace of something that did not happen. A row of an organization
 * is the next of its chain; `database.write` ties it.
 */
export function auditInsert(
  entry: AuditEntry | FirstEntry,
  by: By,
  { when, expected }: AuditWhen = changedOne,
): Statement<{ rowsAffected: number }> {
  const organization = 'organizationSlug' in entry ? entry.organizationSlug : entry.organizationId;
  const contents = {
    at: by.at,
    actorKind: by.actor.kind,
    actorId: by.actor.id,
    action: entry.action,
    target: entry.target,
    requestId: by.request.id,
    address: by.request.address,
    route: by.request.route ?? null,
    credential: by.actor.kind === 'account' ? (by.actor.credential ?? null) : null,
    details: JSON.stringify(entry.details ?? {}),
  };
  const values = [
    contents.at,
    contents.actorKind,
    contents.actorId,
    contents.action,
    contents.target,
    contents.requestId,
    contents.address,
    contents.route,
    contents.credential,
  ];
  const columns = 'at, actor_kind, actor_id, action, target, request_id, address, route, credential';
  const decode: Statement<{ rowsAffected: number }>['decode'] = (set) => ({ rowsAffected: set.rowsAffected });
  if (organization === null) {
    return {
      sql: `insert into audit_entries (${columns}, details) select ?, ?, ?, ?, ?, ?, ?, ?, ?, ? where ${when.sql}`,
      args: [...values, contents.details, ...when.args],
      decode,
    };
  }
  const id = typeof organization === 'number' ? '?' : '(select id from organizations where slug = ?)';
  // details may not be null: an entry made for another head breaks its batch
  const fits = `coalesce((select sequence || ':' || hash from audit_heads where organization_id = ${id}), '') = ?`;
  const bind = ({ previous, next, seal }: Link) => [
    ...values,
    organization,
    next.sequence,
    next.hash,
    seal,
    organization,
    expectedHead(previous),
    ...(expected?.args ?? []),
    contents.details,
    ...when.args,
  ];
  return {
    sql: `insert into audit_entries (${columns}, organization_id, sequence, hash, seal, details)
          select ?, ?, ?, ?, ?, ?, ?, ?, ?, ${id}, ?, ?, ?,
                 case when ${fits} and ${expected?.sql ?? 'true'} then ? end
          where ${when.sql}`,
    args: bind({ previous: { sequence: -1, hash: '' }, next: { sequence: 0, hash: '' }, seal: '' }),
    decode,
    chained: { organization, contents, bind },
  };
}

/**
 * An audit row for each row of `from` (a table and its condition), for changes of no organization whose rows only the
 * database knows. `target` and `details` are SQL over such a row. Before a deletion it goes under the same condition.
 */
export function auditEach(
  entry: { action: AuditAction; target: string; details: string },
  from: { sql: string; args: Statement<unknown>['args'] },
  by: By,
): Statement<{ rowsAffected: number }> {
  return {
    sql: `insert into audit_entries (at, actor_kind, actor_id, action, target, request_id, address, route, details)
          select ?, ?, ?, ?, ${entry.target}, ?, ?, ?, ${entry.details} from ${from.sql}`,
    args: [
      by.at,
      by.actor.kind,
      by.actor.id,
      entry.action,
      by.request.id,
      by.request.address,
      by.request.route ?? null,
      ...from.args,
    ],
    decode: (set) => ({ rowsAffected: set.rowsAffected }),
  };
}
