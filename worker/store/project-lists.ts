import { and, asc, count, desc, eq, inArray, type SQL, sql } from 'drizzle-orm';
import { hosts } from '../../schema/tables/hosts.ts';
import { observations } from '../../schema/tables/observations.ts';
import { memberships, organizations } from '../../schema/tables/organizations.ts';
import { projects } from '../../schema/tables/projects.ts';
import type { Actor, Credential } from '../deps.ts';
import { actorStatements, boundTo, credentialAccountId, requireActor } from './actor.ts';
import type { Database } from './db.ts';
import { membershipStatement } from './membership.ts';
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
  const inOrganization = listStatements(database, [
    sql`${projects.organizationId} = (select id from organizations where slug = ${sql.placeholder('slug')})`,
  ]);
  const membership = membershipStatement(database);

  return {
    async projects(
      credential: Credential,
      page: ProjectPage,
      times: StatusTimes,
    ): Promise<{ actor: Actor; projects: ProjectRow[]; count: number }> {
      const bound = { ...boundTo(credential, times.now), ...valuesOf(page, times) };
      const list = everywhere[kindOf(page)];
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
      const list = inOrganization[kindOf(page)];
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

function kindOf({ statuses, search }: ProjectPage): 'all' | 'searched' | 'filtered' {
  if (statuses !== null) return 'filtered';
  return search === '' ? 'all' : 'searched';
}

function listStatements(database: Database, scope: SQL[]) {
  return {
    all: plainStatements(database, scope),
    searched: plainStatements(database, [...scope, isSearched]),
    filtered: filteredStatements(database, [...scope, isSearched]),
  };
}

/** Which projects are on the page is found in indexes alone; only those are then looked at. */
function plainStatements({ orm, prepare }: Database, scope: SQL[]) {
  const refs = (order: ProjectOrder) =>
    orm
      .select({ id: projects.id })
      .from(memberships)
      .innerJoin(projects, eq(projects.organizationId, memberships.organizationId))
      .where(and(eq(memberships.accountId, credentialAccountId), ...scope))
      .orderBy(...orders[order])
      .limit(sql.placeholder('limit'))
      .offset(sql.placeholder('offset'));
  const page = (order: ProjectOrder) =>
    prepare(
      wholeRows(orm)
        // the plus keeps it from going through all projects to find those
        .where(
          sql`+${projects.organizationId} = ${memberships.organizationId} and ${inArray(projects.id, refs(order))}`,
        )
        .orderBy(...orders[order]),
    );
  const counted = prepare(
    orm
      .select({ count: count() })
      .from(memberships)
      .innerJoin(projects, eq(projects.organizationId, memberships.organizationId))
      .where(and(eq(memberships.accountId, credentialAccountId), ...scope)),
  );
  return { pages: byOrder(page), count: counted };
}

/** A status is known only once all there is of a project was looked at. */
function filteredStatements({ orm, prepare }: Database, scope: SQL[]) {
  const isFiltered = sql`instr(${sql.placeholder('statuses')}, ',' || ${statusSql()} || ',') > 0`;
  const where = and(...scope, isFiltered);
  const page = (order: ProjectOrder) =>
    prepare(
      wholeRows(orm)
        .where(where)
        .orderBy(...orders[order])
        .limit(sql.placeholder('limit'))
        .offset(sql.placeholder('offset')),
    );
  const counted = prepare(
    orm
      .select({ count: count() })
      .from(projects)
      .innerJoin(memberships, ofActor)
      .innerJoin(hosts, eq(hosts.id, projects.hostId))
      .leftJoin(observations, eq(observations.ref, projects.ref))
      .where(where),
  );
  return { pages: byOrder(page), count: counted };
}

const pattern = sql.placeholder('pattern');
const isSearched = sql`(${projects.name} like ${pattern} escape '\\' or ${projects.ref} like ${pattern} escape '\\')`;

const ofActor = and(
  eq(memberships.organizationId, projects.organizationId),
  eq(memberships.accountId, credentialAccountId),
);

function wholeRows(orm: Database['orm']) {
  return orm
    .select(projectFields)
    .from(projects)
    .innerJoin(organizations, eq(organizations.id, projects.organizationId))
    .innerJoin(memberships, ofActor)
    .innerJoin(hosts, eq(hosts.id, projects.hostId))
    .leftJoin(observations, eq(observations.ref, projects.ref));
}

function byOrder<Page>(page: (order: ProjectOrder) => Page): Record<ProjectOrder, Page> {
  return {
    name_asc: page('name_asc'),
    name_desc: page('name_desc'),
    created_asc: page('created_asc'),
    created_desc: page('created_desc'),
  };
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
