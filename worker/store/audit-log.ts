import { and, desc, eq, getTableColumns, lt, sql } from 'drizzle-orm';
import { auditEntries } from '../../schema/tables/audit.ts';
import { memberships, organizations } from '../../schema/tables/organizations.ts';
import type { Actor, Credential } from '../deps.ts';
import { actorStatements, boundTo, credentialAccountId, requireActor } from './actor.ts';
import type { Database, RowOf } from './db.ts';
import { membershipStatement } from './membership.ts';

function auditStatements(database: Database) {
  const { orm } = database;
  const slug = sql.placeholder('slug');
  const ofMember = and(
    eq(memberships.organizationId, organizations.id),
    eq(memberships.accountId, credentialAccountId),
  );
  const entries = database.prepare(
    orm
      .select(getTableColumns(auditEntries))
      .from(organizations)
      .innerJoin(memberships, ofMember)
      .innerJoin(auditEntries, eq(auditEntries.organizationId, organizations.id))
      .where(and(eq(organizations.slug, slug), lt(auditEntries.id, sql.placeholder('before'))))
      .orderBy(desc(auditEntries.id))
      .limit(sql.placeholder('limit')),
  );
  return { membership: membershipStatement(database), entries };
}

export type AuditRow = RowOf<ReturnType<typeof auditStatements>['entries']>;

/** Who did what, newest first. */
export function auditLogStore(database: Database) {
  const actor = actorStatements(database);
  const { membership, entries } = auditStatements(database);

  return {
    /** One round trip: entries of the organization with ids below `before`; the organization is null for strangers. */
    async entriesOfOrganization(
      credential: Credential,
      slug: string,
      page: { before: number; limit: number },
      now: number,
    ): Promise<{ actor: Actor; organization: RowOf<typeof membership> | null; entries: AuditRow[] }> {
      const bound = { ...boundTo(credential, now), slug };
      const [actors, organizationRows, rows] = await database.read([
        actor(bound),
        membership(bound),
        entries({ ...bound, ...page }),
      ]);
      return { actor: requireActor(actors), organization: organizationRows[0] ?? null, entries: rows };
    },
  };
}
export type AuditLogStore = ReturnType<typeof auditLogStore>;
