import { and, asc, eq, or, sql } from 'drizzle-orm';
import { accounts } from '../../schema/tables/accounts.ts';
import { memberships, organizations } from '../../schema/tables/organizations.ts';
import { projects } from '../../schema/tables/projects.ts';
import type { Actor, Credential } from '../deps.ts';
import { actorStatements, boundTo, credentialAccountId, requireActor } from './actor.ts';
import type { Database, RowOf } from './db.ts';
import { otherOwners, projectRolesText } from './member-guard.ts';
import { membershipStatement } from './membership.ts';
import { isVisible, memberProjects } from './projects.ts';
import { projectsAmongStatement } from './projects-among.ts';

const memberFields = {
  accountId: memberships.accountId,
  number: accounts.number,
  email: accounts.email,
  username: accounts.username,
  role: memberships.role,
  /** `<ref> <role>,<ref> <role>` */
  projectRoles: sql<string>`${sql.raw(projectRolesText('memberships.account_id', 'memberships.organization_id'))}`.as(
    'project_roles_text',
  ),
  hasFactor:
    sql<number>`exists (select 1 from mfa_factors where account_id = ${memberships.accountId} and status = 'verified')`.as(
      'has_factor',
    ),
};

function memberStatements({ orm, prepare }: Database) {
  const ofOrganization = and(
    eq(memberships.organizationId, organizations.id),
    eq(organizations.slug, sql.placeholder('slug')),
  );
  const page = prepare(
    orm
      .select(memberFields)
      .from(organizations)
      .innerJoin(memberships, ofOrganization)
      .innerJoin(accounts, eq(accounts.id, memberships.accountId))
      .orderBy(asc(memberships.accountId))
      .limit(sql.placeholder('limit'))
      .offset(sql.placeholder('offset')),
  );
  const one = prepare(
    orm
      .select({
        ...memberFields,
        disabledAt: accounts.disabledAt,
        otherOwners: sql<number>`${sql.raw(otherOwners('memberships.organization_id', 'memberships.account_id'))}`.as(
          'other_owners',
        ),
      })
      .from(organizations)
      .innerJoin(memberships, ofOrganization)
      .innerJoin(accounts, eq(accounts.id, memberships.accountId))
      .where(or(eq(accounts.id, sql.placeholder('member')), eq(accounts.email, sql.placeholder('member')))),
  );
  return { page, one, ...roleStatements({ orm, prepare }), ...projectStatements({ orm, prepare }) };
}

/** Who has roles in which projects, and the name of each; `isVisible`: whether the one who asks may see the project. */
function roleStatements({ orm, prepare }: Pick<Database, 'orm' | 'prepare'>) {
  const here = sql`(select id from organizations where slug = ${sql.placeholder('slug')})`;
  const isShown = sql`(
    not exists (select 1 from memberships as own where own.organization_id = ${projects.organizationId}
                and own.account_id = ${credentialAccountId} and own.role = 'Project-scoped')
    or exists (select 1 from project_roles as own where own.account_id = ${credentialAccountId}
               and own.ref = ${projects.ref}))`;
  const given = prepare(
    orm
      .select({
        holder: sql<number>`given.holder`,
        isInvitation: sql<number>`given.is_invitation`,
        role: sql<string>`given.role`,
        ref: projects.ref,
        name: projects.name,
        isVisible: sql<number>`${isShown}`.as('is_visible'),
      })
      .from(
        sql`(
          select a.number as holder, 0 as is_invitation, r.role as role, r.ref as ref
          from project_roles as r join accounts as a on a.id = r.account_id where r.organization_id = ${here}
          union all
          select i.id, 1, i.role, j.value from invitations as i, json_each(i.refs) as j
          where i.organization_id = ${here}) as given`,
      )
      // an invitation may still name a project that has gone to another organization
      .innerJoin(projects, and(sql`${projects.ref} = given.ref`, eq(projects.organizationId, here)))
      .orderBy(sql`given.is_invitation, given.holder, given.role`, asc(projects.ref)),
  );
  return { given };
}

/** Who has a role in a project: members of the whole organization, and those with one there. */
function projectStatements({ orm, prepare }: Pick<Database, 'orm' | 'prepare'>) {
  const project = prepare(memberProjects(orm).where(and(eq(projects.ref, sql.placeholder('ref')), isVisible)));
  const ofProject = prepare(
    orm
      .select({ accountId: accounts.id, email: accounts.email, username: accounts.username })
      .from(projects)
      .innerJoin(memberships, eq(memberships.organizationId, projects.organizationId))
      .innerJoin(accounts, eq(accounts.id, memberships.accountId))
      .where(
        and(
          eq(projects.ref, sql.placeholder('ref')),
          sql`(${memberships.role} <> 'Project-scoped' or exists (
            select 1 from project_roles where account_id = ${memberships.accountId} and ref = ${projects.ref}))`,
        ),
      )
      .orderBy(asc(memberships.accountId)),
  );
  return { project, ofProject };
}

type Statements = ReturnType<typeof memberStatements>;
export type MemberRow = RowOf<Statements['page']>;
type OrganizationRow = RowOf<ReturnType<typeof membershipStatement>>;

/** The people of an organization. One round trip each; `organization` is null for strangers. */
export function memberStore(database: Database) {
  const actor = actorStatements(database);
  const membership = membershipStatement(database);
  const { page, one, given, project, ofProject } = memberStatements(database);
  const projectsAmong = projectsAmongStatement(database);

  return {
    async members(
      credential: Credential,
      list: { slug: string; limit: number; offset: number },
      now: number,
    ): Promise<{ actor: Actor; organization: OrganizationRow | null; members: MemberRow[] }> {
      const bound = { ...boundTo(credential, now), ...list };
      const [actors, organizations, members] = await database.read([actor(bound), membership(bound), page(bound)]);
      return { actor: requireActor(actors), organization: organizations[0] ?? null, members };
    },

    /** One member by its id or its address in lower case, null when it is none, and which of these refs are projects. */
    async member(
      credential: Credential,
      input: { slug: string; member: string; refs: readonly string[] },
      now: number,
    ) {
      const bound = { ...boundTo(credential, now), ...input, refs: JSON.stringify(input.refs) };
      const [actors, organizations, members, known] = await database.read([
        actor(bound),
        membership(bound),
        one(bound),
        projectsAmong(bound),
      ]);
      return {
        actor: requireActor(actors),
        organization: organizations[0] ?? null,
        member: members[0] ?? null,
        knownRefs: known.map(({ ref }) => ref),
      };
    },

    /** Roles given in single projects, to members and by open invitations. */
    async givenRoles(credential: Credential, slug: string, now: number) {
      const bound = { ...boundTo(credential, now), slug };
      const [actors, organizations, roles] = await database.read([actor(bound), membership(bound), given(bound)]);
      return { actor: requireActor(actors), organization: organizations[0] ?? null, roles };
    },

    async membersOfProject(credential: Credential, ref: string, now: number) {
      const bound = { ...boundTo(credential, now), ref };
      const [actors, rows, members] = await database.read([actor(bound), project(bound), ofProject(bound)]);
      return { actor: requireActor(actors), project: rows[0] ?? null, members };
    },
  };
}
export type MemberStore = ReturnType<typeof memberStore>;
