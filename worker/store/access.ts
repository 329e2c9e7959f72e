import type { Actor, Credential } from '../deps.ts';
import { actorStatements, boundTo, requireActor } from './actor.ts';
import type { Database } from './db.ts';
import { membershipStatement } from './membership.ts';

/** Who is it, and which organization may they see: for answers that need no more. One round trip each. */
export function accessStore(database: Database) {
  const actor = actorStatements(database);
  const membership = membershipStatement(database);

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
      const [actors, rows] = await database.read([actor(bound), membership({ ...bound, slug })]);
      return { actor: requireActor(actors), organization: rows[0] ?? null };
    },
  };
}
export type AccessStore = ReturnType<typeof accessStore>;
