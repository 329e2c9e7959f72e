import { type SQL, sql } from 'drizzle-orm';
import { credentialAccountId } from './actor.ts';
import type { ListScope, ProjectOrder } from './project-lists.ts';

const orders: Record<ProjectOrder, SQL> = {
  name_asc: sql`name, id`,
  name_desc: sql`name desc, id desc`,
  created_asc: sql`id`,
  created_desc: sql`id desc`,
};

const credential = sql.placeholder('credential');
const pattern = sql.placeholder('pattern');
const searched = sql`(name like ${pattern} escape '\\' or ref like ${pattern} escape '\\')`;

/** An access token that is limited to some organizations or projects. */
const isLimitedToken = sql`exists (select 1 from access_tokens where hash = ${credential} and is_limited = 1)`;

/** Of a row with `organization_id` and `ref`: whether that token, if one is used, reaches it. */
const isReached = sql`(not ${isLimitedToken} or exists (
  select 1 from access_token_resources as reach
  where reach.token_id = (select id from access_tokens where hash = ${credential})
    and reach.organization_id = organization_id and reach.ref in ('', ref)))`;

/** Memberships in scope, as `m`; organizations that want a second factor only for those who showed one. */
function membershipsIn(scope: ListScope, standing: SQL): SQL {
  const inScope =
    scope === 'organization'
      ? sql`o.slug = ${sql.placeholder('slug')}`
      : sql`(o.requires_mfa = 0 or not exists (select 1 from sessions where id = ${credential} and aal <> 'aal2'))`;
  return sql`memberships as m cross join organizations as o on o.id = m.organization_id and ${inScope}
    where m.account_id = ${credentialAccountId} and ${standing}`;
}

/** Projects of whole organizations, which are found in the order of an index: never more of each than the page ends with. */
function wholeOrganizations(scope: ListScope, isSearch: boolean, order: ProjectOrder): SQL {
  const standing = sql`m.role <> 'Project-scoped'`;
  return sql`
    select p.id, p.name from (select m.organization_id from ${membershipsIn(scope, standing)}) as of
    cross join projects as p on p.id in (
      select id from projects where organization_id = of.organization_id and ${isReached} and ${isSearch ? searched : sql`1`}
      order by ${orders[order]} limit ${sql.placeholder('end')})`;
}

/** Projects in which a project-scoped member has a role. */
function singleProjects(scope: ListScope, isSearch: boolean): SQL {
  const standing = sql`m.role = 'Project-scoped'`;
  return sql`
    select id, name from projects
    where ref in (select r.ref from (select m.organization_id, m.account_id from ${membershipsIn(scope, standing)}) as of
                  cross join project_roles as r
                    on r.organization_id = of.organization_id and r.account_id = of.account_id)
      and ${isReached} and ${isSearch ? searched : sql`1`}`;
}

/**
 * The ids of the projects on a page, for placeholders `limit`, `offset` and `end`, their sum. What it costs does not
 * depend on how many projects there are.
 */
export function visibleProjects(list: { scope: ListScope; isSearch: boolean; order: ProjectOrder }): SQL {
  return sql`select id from (
      ${wholeOrganizations(list.scope, list.isSearch, list.order)}
      union all ${singleProjects(list.scope, list.isSearch)}
    ) order by ${orders[list.order]} limit ${sql.placeholder('limit')} offset ${sql.placeholder('offset')}`;
}

/**
 * How many there are in all. Organizations keep their number, so that nothing is counted; what a search or a limited
 * access token leaves of them is.
 */
export function visibleCount(scope: ListScope, isSearch: boolean): SQL<number> {
  const whole = membershipsIn(scope, sql`m.role <> 'Project-scoped'`);
  const counted = sql`(select count(*) from (select m.organization_id from ${whole}) as of
    cross join projects as p on p.organization_id = of.organization_id
    where (select ${isReached} from (select p.organization_id as organization_id, p.ref as ref))
      and ${isSearch ? sql`(p.name like ${pattern} escape '\\' or p.ref like ${pattern} escape '\\')` : sql`1`})`;
  const kept = sql`(select coalesce(sum(o.project_count), 0) from ${whole})`;
  const single = sql`(select count(*) from (${singleProjects(scope, isSearch)}))`;
  const all = isSearch ? counted : sql`(case when ${isLimitedToken} then ${counted} else ${kept} end)`;
  return sql<number>`${all} + ${single}`;
}
