import { and, desc, eq, gte, lt, lte, type SQL, sql } from 'drizzle-orm';
import { accounts } from '../../schema/tables/accounts.ts';
import { auditEntries } from '../../schema/tables/audit.ts';
import { memberships, organizations } from '../../schema/tables/organizations.ts';
import type { Actor, Credential } from '../deps.ts';
import { actorStatements, boundTo, requireActor } from './actor.ts';
import type { Database } from './db.ts';
import { membershipStatement } from './membership.ts';

/** Which entries are meant; what is null does not narrow it down. */
export type AuditFilter = {
  /** an id, or an account's address in lower case */
  actor: string | null;
  action: string | null;
  /** a ref, a slug, an id */
  target: string | null;
  /** milliseconds since the epoch, both included */
  since: number | null;
  until: number | null;
};

type AuditPage = AuditFilter & { before: number; limit: number };

/** Entries are written in the order of their ids, by clocks that are apart by less than this … */
const skewMs = 60 * 60 * 1000;
/** … but for a few, so that it takes more than one entry of a wrong clock to hide others. */
const looked = 1000;

const fields = {
  id: auditEntries.id,
  at: auditEntries.at,
  actorKind: auditEntries.actorKind,
  actorId: auditEntries.actorId,
  actorEmail: accounts.email,
  action: auditEntries.action,
  target: auditEntries.target,
  requestId: auditEntries.requestId,
  address: auditEntries.address,
  route: auditEntries.route,
  credential: auditEntries.credential,
  details: auditEntries.details,
  sequence: auditEntries.sequence,
  hash: auditEntries.hash,
  organizationSlug: organizations.slug,
};

function auditStatements({ orm, prepare }: Database) {
  const ofOrganization = (credential: string, slug: string, page: AuditPage) => {
    const { actor, action, target } = page;
    // an actor's entries are found by the actor: most people did little of what happened in an organization
    const organizationId = actor === null ? sql`${auditEntries.organizationId}` : sql`+${auditEntries.organizationId}`;
    const ofMember = sql`(select ${memberships.organizationId} from ${memberships}
      join ${organizations} as o on o.id = ${memberships.organizationId}
      where o.slug = ${slug} and ${memberships.accountId} = (
        select account_id from sessions where id = ${credential}
        union all select account_id from access_tokens where hash = ${credential}))`;
    return prepare(
      orm
        .select(fields)
        .from(auditEntries)
        .leftJoin(organizations, eq(organizations.id, auditEntries.organizationId))
        .leftJoin(accounts, eq(accounts.id, auditEntries.actorId))
        .where(
          and(
            sql`${organizationId} = ${ofMember}`,
            actor === null
              ? undefined
              : sql`${auditEntries.actorId} = coalesce((select id from accounts where email = ${actor}), ${actor})`,
            action === null ? undefined : eq(auditEntries.action, action),
            target === null ? undefined : eq(auditEntries.target, target),
            ...withinTime(page),
          ),
        )
        .orderBy(desc(auditEntries.id))
        .limit(page.limit),
    )({});
  };
  const ofActor = (accountId: SQL, page: AuditPage) =>
    prepare(
      orm
        .select(fields)
        .from(auditEntries)
        .leftJoin(organizations, eq(organizations.id, auditEntries.organizationId))
        .leftJoin(accounts, eq(accounts.id, auditEntries.actorId))
        .where(and(sql`${auditEntries.actorId} = ${accountId}`, ...withinTime(page)))
        .orderBy(desc(auditEntries.id))
        .limit(page.limit),
    )({});
  return { ofOrganization, ofActor };
}

/** The time itself, and ids between which it lies: whatever else is asked for is found in the order of the ids. */
function withinTime({ since, until, before }: AuditPage): (SQL | undefined)[] {
  const { id, at } = auditEntries;
  const first = sql`(select min(id) from (
    select id from audit_entries where at >= ${(since ?? 0) - skewMs} order by at limit ${looked}))`;
  const last = sql`(select max(id) from (
    select id from audit_entries where at <= ${(until ?? 0) + skewMs} order by at desc limit ${looked}))`;
  return [
    lt(id, before),
    ...(since === null ? [] : [gte(at, since), sql`${id} >= ${first}`]),
    ...(until === null ? [] : [lte(at, until), sql`${id} <= ${last}`]),
  ];
}

export type AuditRow = ReturnType<ReturnType<ReturnType<typeof auditStatements>['ofActor']>['decode']>[number];

/** Who did what, newest first. */
export function auditLogStore(database: Database) {
  const actor = actorStatements(database);
  const membership = membershipStatement(database);
  const { ofOrganization, ofActor } = auditStatements(database);

  return {
    /** One round trip: entries of the organization with ids below `before`; null for strangers. */
    async entriesOfOrganization(credential: Credential, slug: string, page: AuditPage, now: number) {
      const bound = boundTo(credential, now);
      const [actors, [organization], entries] = await database.read([
        actor(bound),
        membership({ ...bound, slug }),
        ofOrganization(credential.id, slug, page),
      ]);
      return { actor: requireActor(actors), organization: organization ?? null, entries };
    },

    /** One round trip: what the account itself did, in whichever organization. */
    async entriesOfAccount(
      credential: Credential,
      page: AuditPage,
      now: number,
    ): Promise<{ actor: Actor; entries: AuditRow[] }> {
      const accountId = sql`(select account_id from sessions where id = ${credential.id}
        union all select account_id from access_tokens where hash = ${credential.id})`;
      const [actors, entries] = await database.read([actor(boundTo(credential, now)), ofActor(accountId, page)]);
      return { actor: requireActor(actors), entries };
    },
  };
}
export type AuditLogStore = ReturnType<typeof auditLogStore>;
