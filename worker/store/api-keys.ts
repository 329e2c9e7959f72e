import { asc, eq, sql } from 'drizzle-orm';
import { apiKeys, projectSecrets } from '../../schema/tables/projects.ts';
import type { Actor, Credential } from '../deps.ts';
import { actorStatements, boundTo, requireActor } from './actor.ts';
import { noteHeadOf } from './chain-heads.ts';
import type { Database, RowOf } from './db.ts';
import { type ProjectRow, projectStatements } from './projects.ts';

function keyStatements({ orm, prepare }: Database) {
  const ref = sql.placeholder('ref');
  // whose they are is decided by the project's own statement beside them; unread without it
  const keys = prepare(
    orm.select().from(apiKeys).where(eq(apiKeys.ref, ref)).orderBy(asc(apiKeys.createdAt), asc(apiKeys.type)),
  );
  const secrets = prepare(
    orm.select({ sealed: projectSecrets.sealed }).from(projectSecrets).where(eq(projectSecrets.ref, ref)),
  );
  return { keys, secrets };
}

type ApiKeyRow = RowOf<ReturnType<typeof keyStatements>['keys']>;

/** Keys of projects, sealed. */
export function apiKeyStore(database: Database) {
  const actor = actorStatements(database);
  const { byRef } = projectStatements(database);
  const { keys, secrets } = keyStatements(database);

  return {
    /** One round trip: the project with its sealed secrets, if the actor may see it. */
    async projectWithSecrets(
      credential: Credential,
      ref: string,
      now: number,
    ): Promise<{ actor: Actor; project: ProjectRow | null; sealed: string | null }> {
      const bound = { ...boundTo(credential, now), ref };
      const [actors, rows, sealed] = await database.read([
        actor(bound),
        byRef(bound),
        secrets(bound),
        noteHeadOf(database, ref),
      ]);
      const project = rows[0] ?? null;
      return { actor: requireActor(actors), project, sealed: project === null ? null : (sealed[0]?.sealed ?? null) };
    },

    /** One round trip: the project with everything that is sealed of it, if the actor may see it. */
    async projectWithKeys(
      credential: Credential,
      ref: string,
      now: number,
    ): Promise<{ actor: Actor; project: ProjectRow | null; sealed: string | null; keys: ApiKeyRow[] }> {
      const bound = { ...boundTo(credential, now), ref };
      const [actors, rows, sealed, keyRows] = await database.read([
        actor(bound),
        byRef(bound),
        secrets(bound),
        keys(bound),
        noteHeadOf(database, ref),
      ]);
      const project = rows[0] ?? null;
      return project === null
        ? { actor: requireActor(actors), project, sealed: null, keys: [] }
        : { actor: requireActor(actors), project, sealed: sealed[0]?.sealed ?? null, keys: keyRows };
    },
  };
}
export type ApiKeyStore = ReturnType<typeof apiKeyStore>;
