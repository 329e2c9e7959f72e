import { and, eq, sql } from 'drizzle-orm';
import { auditHeads } from '../../schema/tables/audit.ts';
import { memberships, organizations } from '../../schema/tables/organizations.ts';
import { credentialAccountId } from './actor.ts';
import { headFields, rememberingHeads } from './chain-heads.ts';
import type { Database } from './db.ts';
import { reachesOrganization } from './reach.ts';

/** What is known of an organization wherever an actor is let into it. */
export const membershipFields = {
  id: organizations.id,
  slug: organizations.slug,
  name: organizations.name,
  createdAt: organizations.createdAt,
  requiresMfa: organizations.requiresMfa,
  optInTags: organizations.optInTags,
  role: memberships.role,
};

/** The organization of the placeholder `slug` with the actor's standing in it; no row for strangers. */
export function membershipStatement(database: Database) {
  const prepared = database.prepare(
    database.orm
      .select({ ...membershipFields, ...headFields })
      .from(organizations)
      .innerJoin(
        memberships,
        and(eq(memberships.organizationId, organizations.id), eq(memberships.accountId, credentialAccountId)),
      )
      .leftJoin(auditHeads, eq(auditHeads.organizationId, organizations.id))
      .where(and(eq(organizations.slug, sql.placeholder('slug')), reachesOrganization(organizations.id))),
  );
  return rememberingHeads(database, prepared, ({ id }) => id);
}
