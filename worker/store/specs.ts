import { asc, eq, getTableColumns, sql } from 'drizzle-orm';
import { apiKeys, projectSecrets, projects } from '../../schema/tables/projects.ts';
import type { Actor, Credential, RequestInfo } from '../deps.ts';
import { actorStatements, boundTo, requireActor } from './actor.ts';
import { accountActor, auditEach } from './audit.ts';
import type { Database } from './db.ts';
import type { DesiredKeyRow, DesiredRow } from './desired.ts';

function specStatements({ orm, prepare }: Database) {
  const ref = sql.placeholder('ref');
  const row = prepare(
    orm
      .select({ ...getTableColumns(projects), sealed: projectSecrets.sealed })
      .from(projects)
      .leftJoin(projectSecrets, eq(projectSecrets.ref, projects.ref))
      .where(eq(projects.ref, ref)),
  );
  const keys = prepare(
    orm
      .select({ ref: apiKeys.ref, id: apiKeys.id, name: apiKeys.name, type: apiKeys.type, sealed: apiKeys.sealed })
      .from(apiKeys)
      .where(eq(apiKeys.ref, ref))
      .orderBy(asc(apiKeys.createdAt), asc(apiKeys.id)),
  );
  return { row, keys };
}

/** Specs as operators export them, of whichever organization. */
export function specStore(database: Database) {
  const actor = actorStatements(database);
  const { row, keys } = specStatements(database);

  return {
    /** One round trip: the actor, and a project as a spec is made of it; secrets are sealed. */
    async projectForSpec(
      credential: Credential,
      ref: string,
      now: number,
    ): Promise<{ actor: Actor; project: DesiredRow | null; keys: DesiredKeyRow[] }> {
      const [actors, rows, keyRows] = await database.read([
        actor(boundTo(credential, now)),
        row({ ref }),
        keys({ ref }),
      ]);
      return { actor: requireActor(actors), project: rows[0] ?? null, keys: keyRows };
    },

    /** One round trip. False: the project is gone. */
    async recordExport(
      exported: { ref: string; withSecrets: boolean; at: number },
      audit: { actor: Actor; request: RequestInfo },
    ): Promise<boolean> {
      const [written] = await database.write([
        auditEach(
          {
            action: 'project.spec_export',
            organizationId: 'organization_id',
            target: 'ref',
            details: `json_object('secrets', json('${exported.withSecrets}'))`,
          },
          { sql: 'projects where ref = ?', args: [exported.ref] },
          { actor: accountActor(audit.actor), request: audit.request, at: exported.at },
        ),
      ]);
      return written.rowsAffected === 1;
    },
  };
}
export type SpecStore = ReturnType<typeof specStore>;
