import { and, eq, getTableColumns, sql } from 'drizzle-orm';
import type { AuditEntry } from '../../schema/audit-entry.ts';
import type { Change, Power } from '../../schema/project-status.ts';
import { hosts } from '../../schema/tables/hosts.ts';
import { observations } from '../../schema/tables/observations.ts';
import { memberships, organizations } from '../../schema/tables/organizations.ts';
import { projects } from '../../schema/tables/projects.ts';
import type { Actor, Credential, RequestInfo } from '../deps.ts';
import { actorStatements, boundTo, credentialAccountId, requireActor } from './actor.ts';
import { accountActor, auditInsert } from './audit.ts';
import type { Database, Statement } from './db.ts';

/** What is needed of a project to answer for it: desired, observed, its host and its organization. */
export const projectFields = {
  ...getTableColumns(projects),
  organizationSlug: organizations.slug,
  role: memberships.role,
  hostName: hosts.name,
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
  firstHealthyAt: observations.firstHealthyAt,
  gatewayProtocol: observations.gatewayProtocol,
  gatewayEndpoint: observations.gatewayEndpoint,
  services: observations.services,
};

/** Projects within the tenant scope of the credential: join this to whatever is asked. */
function projectStatements(database: Database) {
  const byRef = database.prepare(
    database.orm
      .select(projectFields)
      .from(projects)
      .innerJoin(organizations, eq(organizations.id, projects.organizationId))
      .innerJoin(
        memberships,
        and(eq(memberships.organizationId, projects.organizationId), eq(memberships.accountId, credentialAccountId)),
      )
      .innerJoin(hosts, eq(hosts.id, projects.hostId))
      .leftJoin(observations, eq(observations.ref, projects.ref))
      .where(eq(projects.ref, sql.placeholder('ref'))),
  );
  return { byRef };
}

export type ProjectRow =
  ReturnType<ReturnType<typeof projectStatements>['byRef']> extends Statement<(infer Row)[]> ? Row : never;

export function projectStore(database: Database) {
  const actor = actorStatements(database);
  const { byRef } = projectStatements(database);

  return {
    /** One round trip: the actor, and the project if the actor may see it. */
    async projectByRef(
      credential: Credential,
      ref: string,
      now: number,
    ): Promise<{ actor: Actor; project: ProjectRow | null }> {
      const bound = boundTo(credential, now);
      const [actors, rows] = await database.read([actor(bound), byRef({ ...bound, ref })]);
      return { actor: requireActor(actors), project: rows[0] ?? null };
    },

    /** One round trip: changes power when the generation is still the one that was read. False: it was not. */
    async setPower(
      change: { ref: string; generation: number; power: Power; change: Change; restart: boolean; at: number },
      audit: { entry: AuditEntry; actor: Actor; request: RequestInfo },
    ): Promise<boolean> {
      const [changed] = await database.write([
        updatePower(change),
        auditInsert(audit.entry, { actor: accountActor(audit.actor), request: audit.request, at: change.at }),
        bumpHost(change.ref),
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

function updatePower(change: Parameters<ProjectStore['setPower']>[0]): Statement<{ rowsAffected: number }> {
  return {
    sql: `update projects set power = ?, change = ?, restarts = restarts + ?, generation = generation + 1, changed_at = ?
          where ref = ? and generation = ?`,
    args: [change.power, change.change, change.restart ? 1 : 0, change.at, change.ref, change.generation],
    decode: (set) => ({ rowsAffected: set.rowsAffected }),
  };
}
