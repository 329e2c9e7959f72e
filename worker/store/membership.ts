import { and, eq, sql } from 'drizzle-orm';
import { memberships, organizations } from '../../schema/tables/organizations.ts';
import { credentialAccountId } from './actor.ts';
import type { Database } from './db.ts';

/** The organization of the placeholder `slug` with the actor's role in it; no row for strangers. */
export function membershipStatement({ orm, prepare }: Database) {
  return prepare(
    orm
      .select({ id: organizations.id, slug: organizations.slug, name: organizations.name, role: memberships.role })
      .from(organizations)
      .innerJoin(
        memberships,
        and(eq(memberships.organizationId, organizations.id), eq(memberships.accountId, credentialAccountId)),
      )
      .where(eq(organizations.slug, sql.placeholder('slug'))),
  );
}
