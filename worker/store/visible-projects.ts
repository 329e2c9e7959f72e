import { type SQL, sql } from 'drizzle-orm';
import { credentialAccountId } from './actor.ts';
import type { ListScope, ProjectOrder } from './project-lists.ts';
import { showsFactor } from './reach.ts';

const orders: Record<ProjectOrder, SQL> = {
  name_asc: sql`name, id`,
  name_desc: sql`name desc, id desc`,
  created_asc: sql`id`,
  created_desc: sql`id desc`,
};

const credential = sql.placeholder('credential');
const limitedToken = sql`(select id from access_tokens where hash = ${credential} and is_limited = 1)`;

/** Of the table `projects` by the alias `listed`: what the search leaves, and what a limited access token reaches. */
function isListed(isSearch: boolean): SQL {
  const pattern = sql.placeholder('pattern');
  const isSearched = sql`(listed.name like ${pattern} escape '\\' or listed.ref like ${pattern} escape '\\')`;
  return sql`(${limitedToken} is null or exists (
      select 1 from access_token_resources as reach
      where reach.token_id = ${limitedToken} and reach.organization_id = listed.organization_id
        and reach.ref in ('', listed.ref)))
    and ${isSearch ? isSearched : sql`true`}`;
}

/** Memberships in scope; organizations that want a second factor only for those who showed one. */
function membershipsIn(scope: ListScope, standing: SQL): SQL {
  const inScope =
    scope === 'organization' ? sql`o.slug = ${sql.placeholder('slug')}` : sql`(o.requires_mfa = 0 or ${showsFactor})`;
  return sql`
    select m.organization_id, m.account_id, o.project_count
    from memberships as m cross join organizations as o on o.id = m.organization_id and ${inScope}
    where m.account_id = ${credentialAccountId} and ${standing}`;
}

const wholeOrganizations = sql`m.role <> 'Project-scoped'`;
const singleProjects = sql`m.role = 'Project-scoped'`;

/** Projects of whole organizations, in the order of an index: never more of each than the page ends with. */
function firstOfEach(scope: ListScope, isSearch: boolean, order: ProjectOrder): SQL {
  return sql`
    select p.id, p.name from (${membershipsIn(scope, wholeOrganizations)}) as of
    cross join projects as p on p.id in (
      select listed.id from projects as listed
      where listed.organization_id = of.organization_id and ${isListed(isSearch)}
      order by ${orders[order]} limit ${sql.placeholder('end')})`;
}

/** Projects in which a project-scoped member has a role. */
function assigned(scope: ListScope, isSearch: boolean): SQL {
  return sql`
    select listed.id, listed.name from projects as listed
    where listed.ref in (
      select r.ref from (${membershipsIn(scope, singleProjects)}) as of
      cross join project_roles as r on r.organization_id = of.organization_id and r.account_id = of.account_id)
      and ${isListed(isSearch)}`;
}

/**
 * The ids of the projects on a page, for placeholders `limit`, `offset` and `end`, their sum. What it costs does not
 * depend on how many projects there are.
 */
export function visibleProjects(list: { scope: ListScope; isSearch: boolean; order: ProjectOrder }): SQL {
  return sql`select id from (
      ${firstOfEach(list.scope, list.isSearch, list.order)} union all ${assigned(list.scope, list.isSearch)}
    ) order by ${orders[list.order]} limit ${sql.placeholder('limit')} offset ${sql.placeholder('offset')}`;
}

/**
 * How many there are in all. Organizations keep their number, so that nothing is counted; what a search or a limited
 * access token leaves of them is.
 */
export function visibleCount(scope: ListScope, isSearch: boolean): SQL<number> {
  const whole = membershipsIn(scope, wholeOrganizations);
  const counted = sql`(
    select count(*) from (${whole}) as of
    cross join projects as listed on listed.organization_id = of.organization_id
    where ${isListed(isSearch)})`;
  const kept = sql`(select coalesce(sum(project_count), 0) from (${whole}))`;
  const all = isSearch ? counted : sql`(case when ${limitedToken} is null then ${kept} else ${counted} end)`;
  return sql<number>`${all} + (select count(*) from (${assigned(scope, isSearch)}))`;
}
