import { type AnyColumn, type SQL, sql } from 'drizzle-orm';

/** Whether the credential may look into the organization as a whole: not with an access token limited to others. */
export function reachesOrganization(organizationId: AnyColumn): SQL<boolean> {
  return reaches(sql`reach.organization_id = ${organizationId} and reach.ref = ''`);
}

/** Whether the credential may look at the project: not with an access token limited to others. */
export function reachesProject(organizationId: AnyColumn, ref: AnyColumn): SQL<boolean> {
  return reaches(sql`reach.organization_id = ${organizationId} and reach.ref in ('', ${ref})`);
}

/** One look into an index for sessions and for tokens without limits. */
function reaches(what: SQL): SQL<boolean> {
  return sql<boolean>`not exists (
    select 1 from access_tokens as limited
    where limited.hash = ${sql.placeholder('credential')} and limited.is_limited = 1
      and not exists (select 1 from access_token_resources as reach where reach.token_id = limited.id and ${what}))`;
}

/**
 * Whether the credential is let into organizations that want a second factor: a session that showed one, and an access
 * token of an account that has one.
 */
export const showsFactor = sql<boolean>`(
  exists (select 1 from sessions where id = ${sql.placeholder('credential')} and aal = 'aal2')
  or exists (select 1 from access_tokens as t join mfa_factors as f on f.account_id = t.account_id
             where t.hash = ${sql.placeholder('credential')} and f.status = 'verified'))`;
