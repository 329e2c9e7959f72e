import { and, asc, eq, sql } from 'drizzle-orm';
import { auditHeads } from '../../schema/tables/audit.ts';
import { invitations, organizations } from '../../schema/tables/organizations.ts';
import type { Actor, Credential } from '../deps.ts';
import { actorStatements, boundTo, requireActor } from './actor.ts';
import { headFields, rememberingHeads } from './chain-heads.ts';
import type { Database, RowOf } from './db.ts';
import { membershipStatement } from './membership.ts';
import { projectsAmongStatement } from './projects-among.ts';

const fields = {
  id: invitations.id,
  organizationId: invitations.organizationId,
  email: invitations.email,
  role: invitations.role,
  refs: invitations.refs,
  createdAt: invitations.createdAt,
  expiresAt: invitations.expiresAt,
};

function invitationStatements(database: Database) {
  const { orm, prepare } = database;
  const withHead = eq(auditHeads.organizationId, organizations.id);
  const ofOrganization = and(
    eq(invitations.organizationId, organizations.id),
    eq(organizations.slug, sql.placeholder('slug')),
  );
  const page = prepare(
    orm
      .select(fields)
      .from(organizations)
      .innerJoin(invitations, ofOrganization)
      .orderBy(asc(invitations.id))
      .limit(sql.placeholder('limit'))
      .offset(sql.placeholder('offset')),
  );
  const byId = prepare(
    orm
      .select({ ...fields, ...headFields })
      .from(organizations)
      .innerJoin(invitations, ofOrganization)
      .leftJoin(auditHeads, withHead)
      .where(eq(invitations.id, sql.placeholder('id'))),
  );
  const byToken = prepare(
    orm
      .select({
        ...fields,
        organizationName: organizations.name,
        requiresMfa: organizations.requiresMfa,
        invitedBy: invitations.invitedBy,
        ...headFields,
      })
      .from(organizations)
      .innerJoin(invitations, ofOrganization)
      .leftJoin(auditHeads, withHead)
      .where(eq(invitations.tokenHash, sql.placeholder('hash'))),
  );
  /** of these addresses (JSON), what stands in the way of inviting them */
  const inTheWay = prepare(
    orm
      .select({
        email: sql<string>`wanted.value`.as('email'),
        isMember: sql<number>`exists (
          select 1 from accounts as a join memberships as m on m.account_id = a.id
          where a.email = wanted.value and m.organization_id = ${organizations.id})`.as('is_member'),
        isInvited: sql<number>`exists (
          select 1 from invitations as i where i.organization_id = ${organizations.id} and i.email = wanted.value
            and i.expires_at > ${sql.placeholder('now')})`.as('is_invited'),
      })
      .from(organizations)
      .innerJoin(sql`json_each(${sql.placeholder('emails')}) as wanted`, sql`1`)
      .where(eq(organizations.slug, sql.placeholder('slug'))),
  );
  const organizationOf = ({ organizationId }: { organizationId: number }) => organizationId;
  return {
    page,
    byId: rememberingHeads(database, byId, organizationOf),
    byToken: rememberingHeads(database, byToken, organizationOf),
    inTheWay,
  };
}

type Statements = ReturnType<typeof invitationStatements>;
export type InvitationRow = RowOf<Statements['page']>;
export type InvitationByToken = RowOf<Statements['byToken']>;
type OrganizationRow = RowOf<ReturnType<typeof membershipStatement>>;

/** Open invitations. One round trip each; `organization` is null for strangers. */
export function invitationStore(database: Database) {
  const actor = actorStatements(database);
  const membership = membershipStatement(database);
  const { page, byId, byToken, inTheWay } = invitationStatements(database);
  const projectsAmong = projectsAmongStatement(database);

  return {
    async invitations(
      credential: Credential,
      list: { slug: string; limit: number; offset: number },
      now: number,
    ): Promise<{ actor: Actor; organization: OrganizationRow | null; invitations: InvitationRow[] }> {
      const bound = { ...boundTo(credential, now), ...list };
      const [actors, organization, rows] = await database.read([actor(bound), membership(bound), page(bound)]);
      return { actor: requireActor(actors), organization: organization[0] ?? null, invitations: rows };
    },

    async invitation(credential: Credential, input: { slug: string; id: number }, now: number) {
      const bound = { ...boundTo(credential, now), ...input };
      const [actors, organization, rows] = await database.read([actor(bound), membership(bound), byId(bound)]);
      return { actor: requireActor(actors), organization: organization[0] ?? null, invitation: rows[0] ?? null };
    },

    /** For whoever holds the token, member or not. */
    async invitationByToken(credential: Credential, input: { slug: string; hash: string }, now: number) {
      const bound = { ...boundTo(credential, now), ...input };
      const [actors, rows] = await database.read([actor(bound), byToken(bound)]);
      return { actor: requireActor(actors), invitation: rows[0] ?? null };
    },

    /** What has to be known before these addresses are invited to these projects. */
    async beforeInviting(
      credential: Credential,
      input: { slug: string; emails: readonly string[]; refs: readonly string[] },
      now: number,
    ) {
      const { slug } = input;
      const bound = boundTo(credential, now);
      const [actors, organization, addresses, refs] = await database.read([
        actor(bound),
        membership({ ...bound, slug }),
        inTheWay({ slug, now, emails: JSON.stringify(input.emails) }),
        projectsAmong({ slug, refs: JSON.stringify(input.refs) }),
      ]);
      return {
        actor: requireActor(actors),
        organization: organization[0] ?? null,
        addresses,
        refs: refs.map(({ ref }) => ref),
      };
    },
  };
}
export type InvitationStore = ReturnType<typeof invitationStore>;
