import { and, eq, getTableColumns, sql } from 'drizzle-orm';
import type { AuditEntry } from '../../schema/audit-entry.ts';
import type { Change, Power } from '../../schema/project-status.ts';
import type { Role } from '../../schema/roles.ts';
import { hosts } from '../../schema/tables/hosts.ts';
import { observations } from '../../schema/tables/observations.ts';
import { memberships, organizations, projectRoles } from '../../schema/tables/organizations.ts';
import { projects } from '../../schema/tables/projects.ts';
import type { Actor, Credential, RequestInfo } from '../deps.ts';
import { actorStatements, boundTo, credentialAccountId, requireActor } from './actor.ts';
import { accountActor, auditInsert } from './audit.ts';
import { noteHeadOf } from './chain-heads.ts';
import { change as affected } from './change.ts';
import type { Database, RowOf, Statement } from './db.ts';
import { freePortBlock } from './port-block.ts';
import { reachesProject } from './reach.ts';

/** What is needed of a project to answer for it: desired, observed, its host and its organization. */
export const projectFields = {
  ...getTableColumns(projects),
  organizationSlug: organizations.slug,
  /** the one in the project where there is one, which only project-scoped members have */
  role: sql<Role>`coalesce(${projectRoles.role}, ${memberships.role})`,
  requiresMfa: organizations.requiresMfa,
  hostName: hosts.name,
  hostRuntime: hosts.runtime,
  hostReportedAt: hosts.reportedAt,
  hostVerifiedAt: hosts.verifiedAt,
  hostRevokedAt: hosts.revokedAt,
  projectHost: hosts.projectHost,
  frontDoorHost: hosts.frontDoorHost,
  frontDoorPort: hosts.frontDoorPort,
  observedGeneration: observations.generation,
  phase: observations.phase,
  reason: observations.reason,
  verifiedAt: observations.verifiedAt,
  healthyGeneration: observations.healthyGeneration,
  gatewayProtocol: observations.gatewayProtocol,
  gatewayEndpoint: observations.gatewayEndpoint,
  services: observations.services,
  drift: observations.drift,
};

export const ofActor = and(
  eq(memberships.organizationId, projects.organizationId),
  eq(memberships.accountId, credentialAccountId),
);
export const ofMember = and(
  eq(memberships.role, 'Project-scoped'),
  eq(projectRoles.accountId, memberships.accountId),
  eq(projectRoles.ref, projects.ref),
);

/** Projects of the organizations the credential's account is a member of: `isVisible` says which of them it may see. */
export function memberProjects(orm: Database['orm']) {
  return orm
    .select(projectFields)
    .from(projects)
    .innerJoin(organizations, eq(organizations.id, projects.organizationId))
    .innerJoin(memberships, ofActor)
    .leftJoin(projectRoles, ofMember)
    .innerJoin(hosts, eq(hosts.id, projects.hostId))
    .leftJoin(observations, eq(observations.ref, projects.ref));
}

/** Whether the member has a role there, and the access token that is used, if one is, reaches it. */
export const isVisible = and(
  sql`(${memberships.role} <> 'Project-scoped' or ${projectRoles.role} is not null)`,
  reachesProject(projects.organizationId, projects.ref),
);

export function projectStatements(database: Database) {
  const byRef = database.prepare(
    memberProjects(database.orm).where(and(eq(projects.ref, sql.placeholder('ref')), isVisible)),
  );
  return { byRef };
}

export type ProjectRow = RowOf<ReturnType<typeof projectStatements>['byRef']>;

type PowerChange = {
  ref: string;
  generation: number;
  power: Power;
  change: Change;
  restart: boolean;
  takePorts: boolean;
  at: number;
};

type Audited = { entry: AuditEntry; actor: Actor; request: RequestInfo };

/** One project at a time: found by its ref, renamed, removed, its power changed by compare-and-set. */
export function projectStore(database: Database) {
  const actor = actorStatements(database);
  const { byRef } = projectStatements(database);

  return {
    /** One round trip: the actor, and the project if the actor may see it. `toChange`: an audited change may follow. */
    async projectByRef(
      credential: Credential,
      { ref, toChange }: { ref: string; toChange: boolean },
      now: number,
    ): Promise<{ actor: Actor; project: ProjectRow | null }> {
      const bound = boundTo(credential, now);
      const found = [actor(bound), byRef({ ...bound, ref })] as const;
      const [actors, rows] = await database.read(toChange ? [...found, noteHeadOf(database, ref)] : found);
      return { actor: requireActor(actors), project: rows[0] ?? null };
    },

    /**
     * One round trip: changes power when the generation is still the one that was read; `takePorts` gives a project
     * that has none another chance of a block. Null: somebody else was faster.
     */
    async setPower(change: PowerChange, audit: Audited): Promise<{ firstPort: number | null } | null> {
      const [changed] = await database.write([
        updatePower(change),
        auditInsert(audit.entry, { actor: accountActor(audit.actor), request: audit.request, at: change.at }),
        bumpHost(change.ref),
      ]);
      return changed;
    },

    /**
     * One round trip: a project whose host is not asked goes now: it never had ports, so it was never run anywhere, or
     * its host was revoked. Secrets and keys cascade. `details`: of the audit row that says that it is gone. False:
     * somebody else was faster.
     */
    async removeAtOnce(
      change: { ref: string; generation: number; at: number; details: NonNullable<AuditEntry['details']> },
      audit: Audited,
    ): Promise<boolean> {
      const by = { actor: accountActor(audit.actor), request: audit.request, at: change.at };
      const [deleted] = await database.write([
        affected(
          `delete from projects where ref = ? and generation = ?
             and (first_port is null or exists (select 1 from hosts where id = host_id and revoked_at is not null))`,
          [change.ref, change.generation],
        ),
        auditInsert(audit.entry, by),
        auditInsert({ ...audit.entry, action: 'project.removed', details: change.details }, by),
      ]);
      return deleted.rowsAffected === 1;
    },

    /** One round trip. False: it is going, or another project of the organization has the name. */
    async rename(change: { ref: string; name: string; at: number }, audit: Audited): Promise<boolean> {
      const [changed] = await database.write([
        affected(
          `update projects set name = ?
           where ref = ? and power <> 'removed'
             and not exists (select 1 from projects as named
                             where named.organization_id = projects.organization_id and named.name = ?
                               and named.power <> 'removed' and named.ref <> projects.ref)`,
          [change.name, change.ref, change.name],
        ),
        auditInsert(audit.entry, { actor: accountActor(audit.actor), request: audit.request, at: change.at }),
      ]);
      return changed.rowsAffected === 1;
    },
  };
}
export type ProjectStore = ReturnType<typeof projectStore>;

/** Tells the project's host that something changed; goes behind a guarded change and its audit row. */
export function bumpHost(ref: string): Statement<{ rowsAffected: number }> {
  return {
    sql: `update hosts set change_sequence = change_sequence + 1
          where changes() = 1 and id = (select host_id from projects where ref = ?)`,
    args: [ref],
    decode: (set) => ({ rowsAffected: set.rowsAffected }),
  };
}

function updatePower(change: PowerChange): Statement<{ firstPort: number | null } | null> {
  const ports = change.takePorts
    ? `coalesce(first_port, (select ${freePortBlock} from hosts where hosts.id = projects.host_id))`
    : 'first_port';
  return {
    sql: `update projects set power = ?, change = ?, restarts = restarts + ?, generation = generation + 1,
                              changed_at = ?, first_port = ${ports}
          where ref = ? and generation = ? returning first_port`,
    args: [change.power, change.change, change.restart ? 1 : 0, change.at, change.ref, change.generation],
    decode: ({ rows: [row] }) => {
      if (row === undefined) return null;
      const firstPort = row.first_port;
      return { firstPort: typeof firstPort === 'number' ? firstPort : null };
    },
  };
}
