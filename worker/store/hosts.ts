import { and, asc, count, eq, getTableColumns, gt, ne, sql } from 'drizzle-orm';
import type { AuditAction } from '../../schema/audit-entry.ts';
import { hosts } from '../../schema/tables/hosts.ts';
import { projects } from '../../schema/tables/projects.ts';
import type { Actor, Credential, RequestInfo } from '../deps.ts';
import { actorStatements, boundTo, requireActor } from './actor.ts';
import { accountActor, auditInsert } from './audit.ts';
import { change } from './change.ts';
import type { Database, RowOf, Statement } from './db.ts';
import { leftoversOf, noOthers, removeLeftovers } from './leftovers.ts';

function hostStatements(database: Database) {
  const { orm } = database;
  const fields = {
    ...getTableColumns(hosts),
    projectCount: sql<number>`(${orm
      .select({ count: count() })
      .from(projects)
      .where(and(eq(projects.hostId, hosts.id), ne(projects.power, 'removed')))})`.as('project_count'),
  };
  const name = sql.placeholder('name');
  const list = database.prepare(
    orm.select(fields).from(hosts).where(gt(hosts.name, name)).orderBy(asc(hosts.name)).limit(sql.placeholder('limit')),
  );
  const byId = database.prepare(
    orm
      .select(fields)
      .from(hosts)
      .where(eq(hosts.id, sql.placeholder('id'))),
  );
  return { list, byId };
}

export type HostRow = RowOf<ReturnType<typeof hostStatements>['byId']>;

/** Hosts as operators see them. */
export function hostStore(database: Database) {
  const actor = actorStatements(database);
  const { list, byId } = hostStatements(database);

  return {
    /** One round trip: hosts by name behind `after`, at most `limit`. */
    async hosts(
      credential: Credential,
      page: { after: string; limit: number },
      now: number,
    ): Promise<{ actor: Actor; hosts: HostRow[] }> {
      const [actors, rows] = await database.read([
        actor(boundTo(credential, now)),
        list({ name: page.after, limit: page.limit }),
      ]);
      return { actor: requireActor(actors), hosts: rows };
    },

    /** One round trip. */
    async hostById(credential: Credential, id: string, now: number): Promise<{ actor: Actor; host: HostRow | null }> {
      const [actors, rows] = await database.read([actor(boundTo(credential, now)), byId({ id })]);
      return { actor: requireActor(actors), host: rows[0] ?? null };
    },

    /** One round trip. False: it was so already, or is revoked. */
    async setCordoned(
      wanted: { id: string; cordoned: boolean; at: number },
      audit: { action: AuditAction; actor: Actor; request: RequestInfo },
    ): Promise<boolean> {
      const cordoned = wanted.cordoned ? 1 : 0;
      const [changed] = await database.write([
        change('update hosts set cordoned = ? where id = ? and cordoned <> ? and revoked_at is null', [
          cordoned,
          wanted.id,
          cordoned,
        ]),
        auditOf(wanted, audit),
      ]);
      return changed.rowsAffected === 1;
    },

    /**
     * Two round trips, with what was being removed there: nobody will report that it is gone. False: it was revoked
     * already, or something is being removed there since it was looked at.
     */
    async revoke(
      wanted: { id: string; name: string; at: number },
      audit: { action: AuditAction; actor: Actor; request: RequestInfo },
    ): Promise<boolean> {
      const { id, name, at } = wanted;
      const [leftovers] = await database.read([leftoversOf(id)]);
      const others = noOthers(id, leftovers);
      const [changed] = await database.write([
        change(`update hosts set revoked_at = ?, name = ? where id = ? and revoked_at is null and ${others.sql}`, [
          at,
          name,
          id,
          ...others.args,
        ]),
        auditOf(wanted, audit),
        ...removeLeftovers(
          leftovers,
          { sql: 'select id from hosts where id = ? and revoked_at = ?', args: [id, at] },
          { host: id, hostRevoked: true, mayBeLeftThere: 'its stack, data and secrets' },
          { actor: accountActor(audit.actor), request: audit.request, at },
        ),
      ]);
      return changed.rowsAffected === 1;
    },
  };
}
export type HostStore = ReturnType<typeof hostStore>;

function auditOf(
  wanted: { id: string; at: number },
  audit: { action: AuditAction; actor: Actor; request: RequestInfo },
): Statement<{ rowsAffected: number }> {
  return auditInsert(
    { organizationId: null, action: audit.action, target: wanted.id },
    { actor: accountActor(audit.actor), request: audit.request, at: wanted.at },
  );
}
