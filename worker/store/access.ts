import { and, eq, sql } from 'drizzle-orm';
import { memberships, organizations } from '../../schema/tables/organizations.ts';
import type { Actor, Credential } from '../deps.ts';
import { actorStatements, boundTo, credentialAccountId, requireActor } from './actor.ts';
import type { Database } from './db.ts';

/** Who is it, and which organization may they see: for answers that need no more. One round trip each. */
export function accessStore(database: Database) {
  const actor = actorStatements(database);
  const memberBySlug = database.prepare(
    database.orm
      .select({ id: organizations.id, slug: organizations.slug, name: organizations.name, role: memberships.role })
      .from(organizations)
      .innerJoin(
        memberships,
        and(eq(memberships.organizationId, organizations.id), eq(memberships.accountId, credentialAccountId)),
      )
      .where(eq(organizations.slug, sql.placeholder('slug'))),
  );

  return {
    /** Whether the database answers. */
    async ping(): Promise<void> {
      await database.read([{ sql: 'select 1', args: [], decode: () => null }]);
    },

    async account(credential: Credential, now: number): Promise<Actor> {
      const [actors] = await database.read([actor(boundTo(credential, now))]);
      return requireActor(actors);
    },

    async organization(credential: Credential, slug: string, now: number) {
      const bound = boundTo(credential, now);
      const [actors, rows] = await database.read([actor(bound), memberBySlug({ ...bound, slug })]);
      return { actor: requireActor(actors), organization: rows[0] ?? null };
    },
  };
}
export type AccessStore = ReturnType<typeof accessStore>;
