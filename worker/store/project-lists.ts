import { and, asc, count, desc, eq, type SQL, sql } from 'drizzle-orm';
import { hosts } from '../../schema/tables/hosts.ts';
import { observations } from '../../schema/tables/observations.ts';
import { memberships, organizations, projectRoles } from '../../schema/tables/organizations.ts';
import { projects } from '../../schema/tables/projects.ts';
import type { Actor, Credential } from '../deps.ts';
import { actorStatements, boundTo, requireActor } from './actor.ts';
import type { Database, RowOf } from './db.ts';
import { membershipStatement } from './membership.ts';
import { isVisible, memberProjects, ofActor, ofMember, type ProjectRow } from './projects.ts';
import { showsFactor } from './reach.ts';
import { statusSql } from './status-sql.ts';
import { visibleCount, visibleProjects } from './visible-projects.ts';

const orders = {
  name_asc: [asc(projects.name), asc(projects.id)],
  name_desc: [desc(projects.name), desc(projects.id)],
  created_asc: [asc(projects.id)],
  created_desc: [desc(projects.id)],
} as const;
export type ProjectOrder = keyof typeof orders;

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
  const everywhere = listStatements(database, 'everywhere');
  const inOrganization = listStatements(database, 'organization');
  const membership = membershipStatement(database);

  return {
    /** Organizations that want a second factor which the session has not shown are left out. */
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
      organization: RowOf<typeof membership> | null;
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

/** Of all organizations of the actor, or of the one that the placeholder `slug` names. */
export type ListScope = 'everywhere' | 'organization';

function kindOf({ statuses, search }: ProjectPage): 'all' | 'searched' | 'filtered' {
  if (statuses !== null) return 'filtered';
  return search === '' ? 'all' : 'searched';
}

function listStatements(database: Database, scope: ListScope) {
  return {
    all: plainStatements(database, scope, false),
    searched: plainStatements(database, scope, true),
    filtered: filteredStatements(database, scope),
  };
}

/** Which projects are on the page is found in indexes alone; only those are then looked at. */
function plainStatements({ orm, prepare }: Database, scope: ListScope, isSearch: boolean) {
  const page = (order: ProjectOrder) =>
    prepare(
      memberProjects(orm)
        // the plus keeps it from going through all projects to find those
        .where(
          sql`+${projects.organizationId} = ${memberships.organizationId}
              and ${projects.id} in (${visibleProjects({ scope, isSearch, order })})`,
        )
        .orderBy(...orders[order]),
    );
  const counted = prepare(orm.select({ count: visibleCount(scope, isSearch) }).from(sql`(select 1)`));
  return { pages: byOrder(page), count: counted };
}

/** A status is known only once all there is of a project was looked at. */
function filteredStatements({ orm, prepare }: Database, scope: ListScope) {
  const isFiltered = sql`instr(${sql.placeholder('statuses')}, ',' || ${statusSql()} || ',') > 0`;
  const isInScope: Record<ListScope, SQL> = {
    everywhere: sql`(${organizations.requiresMfa} = 0 or ${showsFactor})`,
    organization: sql`${organizations.slug} = ${sql.placeholder('slug')}`,
  };
  const pattern = sql.placeholder('pattern');
  const isSearched = sql`(${projects.name} like ${pattern} escape '\\' or ${projects.ref} like ${pattern} escape '\\')`;
  const where = and(isInScope[scope], isVisible, isSearched, isFiltered);
  const page = (order: ProjectOrder) =>
    prepare(
      memberProjects(orm)
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
      .innerJoin(memberships, ofActor)
      .leftJoin(projectRoles, ofMember)
      .innerJoin(hosts, eq(hosts.id, projects.hostId))
      .leftJoin(observations, eq(observations.ref, projects.ref))
      .where(where),
  );
  return { pages: byOrder(page), count: counted };
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
    end: page.offset + page.limit,
    pattern: `%${page.search.replace(/[\\%_]/g, (letter) => `\\${letter}`)}%`,
    statuses: `,${(page.statuses ?? []).join(',')},`,
    lostAfterMs: times.lostAfterMs,
    verifiedWithinMs: times.verifiedWithinMs,
  };
}
