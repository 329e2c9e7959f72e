import { and, asc, eq, sql } from 'drizzle-orm';
import { memberships, organizations } from '../../schema/tables/organizations.ts';
import type { Actor, Credential, RequestInfo } from '../deps.ts';
import { actorStatements, boundTo, credentialAccountId, requireActor } from './actor.ts';
import { accountActor, auditInsert, type FirstEntry } from './audit.ts';
import type { Database, RowOf, Statement } from './db.ts';
import { membershipFields } from './membership.ts';
import { reachesOrganization } from './reach.ts';

function organizationStatements({ orm, prepare }: Database) {
  const mine = prepare(
    orm
      .select(membershipFields)
      .from(memberships)
      .innerJoin(organizations, eq(organizations.id, memberships.organizationId))
      .where(and(eq(memberships.accountId, credentialAccountId), reachesOrganization(organizations.id)))
      .orderBy(asc(organizations.name), asc(organizations.id))
      .limit(sql.placeholder('limit'))
      .offset(sql.placeholder('offset')),
  );
  return { mine };
}

export type OrganizationRow = RowOf<ReturnType<typeof organizationStatements>['mine']>;

/** Organizations of the one who asks. */
export function organizationStore(database: Database) {
  const actor = actorStatements(database);
  const { mine } = organizationStatements(database);

  return {
    /** One round trip: by name. */
    async organizations(
      credential: Credential,
      page: { limit: number; offset: number },
      now: number,
    ): Promise<{ actor: Actor; organizations: OrganizationRow[] }> {
      const bound = boundTo(credential, now);
      const [actors, rows] = await database.read([actor(bound), mine({ ...bound, ...page })]);
      return { actor: requireActor(actors), organizations: rows };
    },

    /** One round trip: the organization, its first Owner and the audit row. Returns its id. */
    async create(
      organization: { slug: string; name: string; at: number },
      by: { actor: Actor; request: RequestInfo },
    ): Promise<number> {
      const [id] = await database.write([
        insertOrganization(organization),
        insertOwner(organization, by.actor),
        auditInsert(firstEntry(organization), {
          actor: accountActor(by.actor),
          request: by.request,
          at: organization.at,
        }),
      ]);
      return id;
    },
  };
}
export type OrganizationStore = ReturnType<typeof organizationStore>;

type NewOrganization = Parameters<OrganizationStore['create']>[0];

/** The first of its audit chain. */
export function firstEntry({ slug, name }: { slug: string; name: string }): FirstEntry {
  return { organizationSlug: slug, action: 'organization.create', target: slug, details: { name } };
}

function insertOrganization({ slug, name, at }: NewOrganization): Statement<number> {
  return {
    sql: 'insert into organizations (slug, name, created_at) values (?, ?, ?) returning id',
    args: [slug, name, at],
    decode: ({ rows: [row] }) => Number(row?.id),
  };
}

function insertOwner({ slug, at }: NewOrganization, actor: Actor): Statement<void> {
  return {
    sql: `insert into memberships (organization_id, account_id, role, created_at)
          select id, ?, 'Owner', ? from organizations where slug = ?`,
    args: [actor.accountId, at, slug],
    decode: () => undefined,
  };
}
