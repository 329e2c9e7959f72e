import { and, eq, sql } from 'drizzle-orm';
import { memberships, organizations, projectRoles } from '../../schema/tables/organizations.ts';
import { projects } from '../../schema/tables/projects.ts';
import { credentialAccountId } from './actor.ts';
import { change } from './change.ts';
import type { Database, Statement } from './db.ts';
import { isVisible, ofActor, ofMember } from './projects.ts';

/** A whole organization, or one project of it. */
export type Reach = { organizationId: number; ref: string | null };

/** What a limited access token lists, as JSON arrays of slugs and of refs. */
export const listedFields = {
  organizationSlugs: sql<string>`(
    select json_group_array(slug) from (
      select o.slug from access_token_resources as r join organizations as o on o.id = r.organization_id
      where r.token_id = access_tokens.id and r.ref = '' order by o.slug))`.as('organization_slugs'),
  projectRefs: sql<string>`(
    select json_group_array(ref) from (
      select ref from access_token_resources where token_id = access_tokens.id and ref <> '' order by ref))`.as(
    'project_refs',
  ),
};

/** Of the organizations and projects that a new token lists, those the actor may see. */
export function reachStatements({ orm, prepare }: Database) {
  const listedOrganizations = prepare(
    orm
      .select({ organizationId: organizations.id, slug: organizations.slug })
      .from(organizations)
      .innerJoin(memberships, eq(memberships.organizationId, organizations.id))
      .where(
        and(
          eq(memberships.accountId, credentialAccountId),
          sql`${organizations.slug} in (select value from json_each(${sql.placeholder('slugs')}))`,
        ),
      ),
  );
  const listedProjects = prepare(
    orm
      .select({ organizationId: projects.organizationId, ref: projects.ref })
      .from(projects)
      .innerJoin(memberships, ofActor)
      .leftJoin(projectRoles, ofMember)
      .where(and(sql`${projects.ref} in (select value from json_each(${sql.placeholder('refs')}))`, isVisible)),
  );
  return { listedOrganizations, listedProjects };
}

/** Holds while everything listed is still there, and its organization still one of the account's. */
export function isStillReached(accountId: string, reach: readonly Reach[]): { sql: string; args: string[] } {
  return {
    sql: `not exists (
      select 1 from json_each(?) as listed
      where not exists (
          select 1 from memberships where account_id = ? and organization_id = listed.value ->> 'organizationId')
        or (listed.value ->> 'ref' is not null and not exists (
          select 1 from projects
          where ref = listed.value ->> 'ref' and organization_id = listed.value ->> 'organizationId')))`,
    args: [JSON.stringify(reach), accountId],
  };
}

/** Lists it for the token with this hash, when there is one. */
export function insertReach(hash: string, reach: readonly Reach[]): Statement<{ rowsAffected: number }> {
  return change(
    `insert into access_token_resources (token_id, organization_id, ref)
     select t.id, listed.value ->> 'organizationId', coalesce(listed.value ->> 'ref', '')
     from access_tokens as t, json_each(?) as listed where t.hash = ?`,
    [JSON.stringify(reach), hash],
  );
}
