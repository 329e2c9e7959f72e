import { and, eq, ne, sql } from 'drizzle-orm';
import type { AuditEntry } from '../../schema/audit-entry.ts';
import type { InstanceSize } from '../../schema/instance-sizes.ts';
import type { StackProfile } from '../../schema/stack-profiles.ts';
import { projects } from '../../schema/tables/projects.ts';
import type { Actor, Credential, RequestInfo } from '../deps.ts';
import { actorStatements, boundTo, requireActor } from './actor.ts';
import { accountActor, auditInsert } from './audit.ts';
import type { Database, RowOf, Statement } from './db.ts';
import { type HostCandidate, hostCandidates } from './host-candidates.ts';
import { membershipStatement } from './membership.ts';
import { freePortBlock } from './port-block.ts';
import { bumpHost } from './projects.ts';

function creationStatements(database: Database) {
  const { orm, prepare } = database;
  const sameName = prepare(
    orm
      .select({ one: sql<number>`1` })
      .from(projects)
      .where(
        and(
          sql`${projects.organizationId} = (select id from organizations where slug = ${sql.placeholder('slug')})`,
          eq(projects.name, sql.placeholder('name')),
          ne(projects.power, 'removed'),
        ),
      )
      .limit(1),
  );
  return { organization: membershipStatement(database), sameName };
}

export type CreatingOrganization = RowOf<ReturnType<typeof creationStatements>['organization']> & {
  nameTaken: boolean;
};

type NewProject = {
  ref: string;
  organizationId: number;
  name: string;
  cloudProvider: string;
  region: string;
  size: InstanceSize;
  release: string;
  postgresVersion: string;
  profile: StackProfile;
  hostId: string;
  /** JSON of `liveSpec.rest` */
  rest: string;
  /** sealed */
  secrets: string;
  apiKeys: { id: string; name: string; type: string; sealed: string; prefix: string; hash: string }[];
  at: number;
};

/** What creating a project reads and writes: a round trip each. */
export function projectCreationStore(database: Database) {
  const actor = actorStatements(database);
  const { organization, sameName } = creationStatements(database);

  return {
    /** One round trip: the actor, the organization if he is its member, and where a project could go. */
    async placesFor(
      credential: Credential,
      input: { slug: string; name: string },
      at: { now: number; lostAfterMs: number },
    ): Promise<{ actor: Actor; organization: CreatingOrganization | null; hosts: HostCandidate[] }> {
      const bound = { ...boundTo(credential, at.now), ...input };
      const [actors, [found], named, hosts] = await database.read([
        actor(bound),
        organization(bound),
        sameName(bound),
        hostCandidates(at),
      ]);
      const nameTaken = named.length > 0;
      return { actor: requireActor(actors), organization: found === undefined ? null : { ...found, nameTaken }, hosts };
    },

    /**
     * One round trip: the project with its ports, secrets, keys, audit row and the host's bump. Null, and nothing is
     * written, when the host takes none any more, the actor is no member any more, or the name was taken meanwhile.
     */
    async create(
      project: NewProject,
      audit: { entry: AuditEntry; actor: Actor; request: RequestInfo },
    ): Promise<{ id: number; firstPort: number | null } | null> {
      const [created] = await database.write([
        insertProject(project, audit.actor),
        auditInsert(audit.entry, { actor: accountActor(audit.actor), request: audit.request, at: project.at }),
        bumpHost(project.ref),
        insertSecrets(project),
        insertApiKeys(project),
      ]);
      return created;
    },
  };
}
export type ProjectCreationStore = ReturnType<typeof projectCreationStore>;

function insertProject(project: NewProject, actor: Actor): Statement<{ id: number; firstPort: number | null } | null> {
  const { ref, organizationId, name, cloudProvider, region, hostId, rest, at } = project;
  return {
    sql: `insert into projects (ref, organization_id, name, cloud_provider, region, size, release, postgres_version,
                                profile, host_id, first_port, power, change, generation, rest, created_at, changed_at)
          select ?, memberships.organization_id, ?, ?, ?, ?, ?, ?, ?, hosts.id, ${freePortBlock},
                 'running', 'create', 1, ?, ?, ?
          from hosts
          join memberships on memberships.organization_id = ? and memberships.account_id = ?
          where hosts.id = ? and hosts.revoked_at is null and hosts.cordoned = 0
            and not exists (select 1 from projects as named
                            where named.organization_id = ? and named.name = ? and named.power <> 'removed')
          returning id, first_port`,
    args: [
      ref,
      name,
      cloudProvider,
      region,
      project.size,
      project.release,
      project.postgresVersion,
      project.profile,
      rest,
      at,
      at,
      organizationId,
      actor.accountId,
      hostId,
      organizationId,
      name,
    ],
    decode: ({ rows: [row] }) => {
      if (row === undefined) return null;
      const firstPort = row.first_port;
      return { id: Number(row.id), firstPort: typeof firstPort === 'number' ? firstPort : null };
    },
  };
}

function insertSecrets({ ref, secrets }: NewProject): Statement<void> {
  return {
    sql: 'insert into project_secrets (ref, sealed) select ref, ? from projects where ref = ?',
    args: [secrets, ref],
    decode: () => undefined,
  };
}

function insertApiKeys({ ref, apiKeys, at }: NewProject): Statement<void> {
  return {
    sql: `insert into api_keys (id, ref, name, type, description, sealed, prefix, hash, created_at)
          select value ->> 'id', projects.ref, value ->> 'name', value ->> 'type', '', value ->> 'sealed',
                 value ->> 'prefix', value ->> 'hash', ?
          from projects, json_each(?) where projects.ref = ?`,
    args: [at, JSON.stringify(apiKeys), ref],
    decode: () => undefined,
  };
}
