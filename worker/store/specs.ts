import { asc, eq, getTableColumns, sql } from 'drizzle-orm';
import { auditHeads } from '../../schema/tables/audit.ts';
import { apiKeys, projectSecrets, projects } from '../../schema/tables/projects.ts';
import type { Actor, Credential, RequestInfo } from '../deps.ts';
import { actorStatements, boundTo, requireActor } from './actor.ts';
import { accountActor, auditInsert } from './audit.ts';
import { headFields, rememberingHeads } from './chain-heads.ts';
import type { Database } from './db.ts';
import type { DesiredKeyRow, DesiredRow } from './desired.ts';

function specStatements(database: Database) {
  const { orm, prepare } = database;
  const ref = sql.placeholder('ref');
  const row = prepare(
    orm
      .select({ ...getTableColumns(projects), sealed: projectSecrets.sealed, ...headFields })
      .from(projects)
      .leftJoin(projectSecrets, eq(projectSecrets.ref, projects.ref))
      .leftJoin(auditHeads, eq(auditHeads.organizationId, projects.organizationId))
      .where(eq(projects.ref, ref)),
  );
  const keys = prepare(
    orm
      .select({ ref: apiKeys.ref, id: apiKeys.id, name: apiKeys.name, type: apiKeys.type, sealed: apiKeys.sealed })
      .from(apiKeys)
      .where(eq(apiKeys.ref, ref))
      .orderBy(asc(apiKeys.createdAt), asc(apiKeys.id)),
  );
  return { row: rememberingHeads(database, row, ({ organizationId }) => organizationId), keys };
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
      exported: { ref: string; organizationId: number; withSecrets: boolean; at: number },
      audit: { actor: Actor; request: RequestInfo },
    ): Promise<boolean> {
      const { ref, organizationId, withSecrets, at } = exported;
      const [written] = await database.write([
        auditInsert(
          { organizationId, action: 'project.spec_export', target: ref, details: { secrets: withSecrets } },
          { actor: accountActor(audit.actor), request: audit.request, at },
          { when: { sql: 'exists (select 1 from projects where ref = ?)', args: [ref] } },
        ),
      ]);
      return written.rowsAffected === 1;
    },
  };
}
export type SpecStore = ReturnType<typeof specStore>;
