import { and, asc, count, desc, eq, or, type SQL, sql } from 'drizzle-orm';
import { hosts } from '../../schema/tables/hosts.ts';
import { observations } from '../../schema/tables/observations.ts';
import { memberships, organizations } from '../../schema/tables/organizations.ts';
import { projects } from '../../schema/tables/projects.ts';
import type { Actor, Credential } from '../deps.ts';
import { actorStatements, boundTo, credentialAccountId, requireActor } from './actor.ts';
import type { Database } from './db.ts';
import { type ProjectRow, projectFields } from './projects.ts';
import { statusSql } from './status-sql.ts';

const orders = {
  name_asc: [asc(projects.name), asc(projects.id)],
  name_desc: [desc(projects.name), desc(projects.id)],
  created_asc: [asc(projects.id)],
  created_desc: [desc(projects.id)],
} as const;
type ProjectOrder = keyof typeof orders;

export type ProjectPage = {
  limit: number;
  offset: number;
  sort: ProjectOrder;
  /** a part of the name, or of the ref; '' is every project */
  search: string;
  /** null: every status */
  statuses: readonly string[] | null;
};
export type StatusTimes = { now: number; lostAfterMs: number; verifiedWithinMs: number };

/** Pages of the projects an actor may see, each in one round trip with the count of all that match. */
export function projectListStore(database: Database) {
  const actor = actorStatements(database);
  const everywhere = listStatements(database, []);
  const inOrganization = listStatements(database, [eq(organizations.slug, sql.placeholder('slug'))]);
  const membership = database.prepare(
    database.orm
      .select({ id: organizations.id, role: memberships.role })
      .from(organizations)
      .innerJoin(
        memberships,
        and(eq(memberships.organizationId, organizations.id), eq(memberships.accountId, credentialAccountId)),
      )
      .where(eq(organizations.slug, sql.placeholder('slug'))),
  );

  return {
    async projects(
      credential: Credential,
      page: ProjectPage,
      times: StatusTimes,
    ): Promise<{ actor: Actor; projects: ProjectRow[]; count: number }> {
      const bound = { ...boundTo(credential, times.now), ...valuesOf(page, times) };
      const list = everywhere[page.statuses === null ? 'all' : 'filtered'];
      const [actors, rows, counts] = await database.read([
        actor(bound),
        list.pages[page.sort](bound),
        list.count(bound),
      ]);
      return { actor: requireActor(actors), projects: rows, count: counts[0]?.count ?? 0 };
    },

    /** `organization` is null when it is not the actor's. */
    async projectsOf(
      credential: Credential,
      slug: string,
      page: ProjectPage,
      times: StatusTimes,
    ): Promise<{
      actor: Actor;
      organization: { id: number; role: ProjectRow['role'] } | null;
      projects: ProjectRow[];
      count: number;
    }> {
      const bound = { ...boundTo(credential, times.now), ...valuesOf(page, times), slug };
      const list = inOrganization[page.statuses === null ? 'all' : 'filtered'];
      const [actors, organizationRows, rows, counts] = await database.read([
        actor(bound),
        membership(bound),
        list.pages[page.sort](bound),
        list.count(bound),
      ]);
      return {
        actor: requireActor(actors),
        organization: organizationRows[0] ?? null,
        projects: rows,
        count: counts[0]?.count ?? 0,
      };
    },
  };
}
export type ProjectListStore = ReturnType<typeof projectListStore>;

function listStatements(database: Database, scope: SQL[]) {
  const isFiltered = sql`instr(${sql.placeholder('statuses')}, ',' || ${statusSql()} || ',') > 0`;
  return { all: variants(database, scope), filtered: variants(database, [...scope, isFiltered]) };
}

function variants(database: Database, conditions: SQL[]) {
  const { orm, prepare } = database;
  const pattern = sql.placeholder('pattern');
  const where = and(
    ...conditions,
    // one parameter decides, so that a list without a search does not look at names
    or(
      sql`${pattern} = '%%'`,
      sql`${projects.name} like ${pattern} escape '\\'`,
      sql`${projects.ref} like ${pattern} escape '\\'`,
    ),
  );
  const page = (order: ProjectOrder) =>
    prepare(
      orm
        .select(projectFields)
        .from(projects)
        .innerJoin(organizations, eq(organizations.id, projects.organizationId))
        .innerJoin(
          memberships,
          and(eq(memberships.organizationId, projects.organizationId), eq(memberships.accountId, credentialAccountId)),
        )
        .innerJoin(hosts, eq(hosts.id, projects.hostId))
        .leftJoin(observations, eq(observations.ref, projects.ref))
        .where(where)
        .orderBy(...orders[order])
        .limit(sql.placeholder('limit'))
        .offset(sql.placeholder('offset')),
    );
  const counted = prepare(
    orm
      .select({ count: count() })
      .from(projects)
      .innerJoin(organizations, eq(organizations.id, projects.organizationId))
      .innerJoin(
        memberships,
        and(eq(memberships.organizationId, projects.organizationId), eq(memberships.accountId, credentialAccountId)),
      )
      .innerJoin(hosts, eq(hosts.id, projects.hostId))
      .leftJoin(observations, eq(observations.ref, projects.ref))
      .where(where),
  );
  const pages = {
    name_asc: page('name_asc'),
    name_desc: page('name_desc'),
    created_asc: page('created_asc'),
    created_desc: page('created_desc'),
  };
  return { pages, count: counted };
}

function valuesOf(page: ProjectPage, times: StatusTimes) {
  return {
    limit: page.limit,
    offset: page.offset,
    pattern: `%${page.search.replace(/[\\%_]/g, (letter) => `\\${letter}`)}%`,
    statuses: `,${(page.statuses ?? []).join(',')},`,
    lostAfterMs: times.lostAfterMs,
    verifiedWithinMs: times.verifiedWithinMs,
  };
}
