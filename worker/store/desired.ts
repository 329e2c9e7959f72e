import { and, asc, eq, getTableColumns, sql } from 'drizzle-orm';
import { hosts } from '../../schema/tables/hosts.ts';
import { apiKeys, projectSecrets, projects } from '../../schema/tables/projects.ts';
import type { Database, RowOf } from './db.ts';

function desiredStatements(database: Database) {
  const { orm } = database;
  const hostId = sql.placeholder('hostId');
  const isNews = sql`(select change_sequence from hosts where id = ${hostId}) <> ${sql.placeholder('cursor')}`;
  const ofHost = and(eq(projects.hostId, hostId), isNews);
  const host = database.prepare(
    orm
      .select({
        id: hosts.id,
        publicKey: hosts.publicKey,
        revokedAt: hosts.revokedAt,
        changeSequence: hosts.changeSequence,
        reportSequence: hosts.reportSequence,
      })
      .from(hosts)
      .where(eq(hosts.id, hostId)),
  );
  const specs = database.prepare(
    orm
      .select({ ...getTableColumns(projects), sealed: projectSecrets.sealed })
      .from(projects)
      .leftJoin(projectSecrets, eq(projectSecrets.ref, projects.ref))
      .where(ofHost)
      .orderBy(asc(projects.id)),
  );
  const keys = database.prepare(
    orm
      .select({
        ref: apiKeys.ref,
        id: apiKeys.id,
        name: apiKeys.name,
        type: apiKeys.type,
        sealed: apiKeys.sealed,
      })
      .from(projects)
      .innerJoin(apiKeys, eq(apiKeys.ref, projects.ref))
      .where(ofHost)
      .orderBy(asc(apiKeys.createdAt), asc(apiKeys.id)),
  );
  return { host, specs, keys };
}

type Statements = ReturnType<typeof desiredStatements>;

/** A host as its agent's requests are judged. */
export type AgentHost = RowOf<Statements['host']>;
/** A project as a spec is made of it; secrets are sealed. */
export type DesiredRow = RowOf<Statements['specs']>;
export type DesiredKeyRow = RowOf<Statements['keys']>;

/** What agents ask. */
export function desiredStore(database: Database) {
  const { host, specs, keys } = desiredStatements(database);

  return {
    /** One round trip: the host, and its projects unless the cursor says that the agent has them. */
    async desiredOfHost(
      hostId: string,
      cursor: number | null,
    ): Promise<{ host: AgentHost | null; projects: DesiredRow[]; keys: DesiredKeyRow[] }> {
      const values = { hostId, cursor: cursor ?? -1 };
      const [found, rows, keyRows] = await database.read([host(values), specs(values), keys(values)]);
      return { host: found[0] ?? null, projects: rows, keys: keyRows };
    },

    /** One round trip. */
    async agentHost(hostId: string): Promise<AgentHost | null> {
      const [found] = await database.read([host({ hostId })]);
      return found[0] ?? null;
    },
  };
}
export type DesiredStore = ReturnType<typeof desiredStore>;
