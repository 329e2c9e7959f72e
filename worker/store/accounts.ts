import { and, asc, eq, gt, or, sql } from 'drizzle-orm';
import { accounts } from '../../schema/tables/accounts.ts';
import { memberships, organizations } from '../../schema/tables/organizations.ts';
import type { Actor, Credential, RequestInfo } from '../deps.ts';
import { accountFields, userFields } from './account-fields.ts';
import { actorStatements, boundTo, credentialAccountId, requireActor } from './actor.ts';
import { type AuditActor, accountActor, auditInsert } from './audit.ts';
import { change } from './change.ts';
import type { Database, RowOf, Statement } from './db.ts';
import { type Limit, type Taken, takenOf, takeStatements } from './rate-limits.ts';
import { reachesOrganization } from './reach.ts';

function accountStatements(database: Database) {
  const { orm } = database;
  const byEmail = database.prepare(
    orm
      .select({ ...userFields, passwordHash: accounts.passwordHash })
      .from(accounts)
      .where(eq(accounts.email, sql.placeholder('email'))),
  );
  const own = database.prepare(orm.select(userFields).from(accounts).where(eq(accounts.id, credentialAccountId)));
  const byId = database.prepare(
    orm
      .select(accountFields)
      .from(accounts)
      .where(eq(accounts.id, sql.placeholder('id'))),
  );
  const byIdOrEmail = database.prepare(
    orm
      .select(accountFields)
      .from(accounts)
      .where(or(eq(accounts.id, sql.placeholder('idOrEmail')), eq(accounts.email, sql.placeholder('idOrEmail')))),
  );
  const page = database.prepare(
    orm
      .select(accountFields)
      .from(accounts)
      .where(gt(accounts.number, sql.placeholder('after')))
      .orderBy(asc(accounts.number))
      .limit(sql.placeholder('limit')),
  );
  const ownMemberships = database.prepare(
    orm
      .select({
        organizationId: organizations.id,
        organizationSlug: organizations.slug,
        role: memberships.role,
        /** JSON: `{ref, id, role}` of the projects a project-scoped member has a role in */
        projectRoles: sql<string>`(
          select json_group_array(json_object('ref', r.ref, 'id', p.id, 'role', r.role))
          from project_roles as r join projects as p on p.ref = r.ref
          where ${memberships.role} = 'Project-scoped'
            and r.account_id = ${memberships.accountId} and r.organization_id = ${memberships.organizationId})`,
      })
      .from(memberships)
      .innerJoin(organizations, eq(organizations.id, memberships.organizationId))
      .where(and(eq(memberships.accountId, credentialAccountId), reachesOrganization(organizations.id)))
      .orderBy(asc(organizations.id)),
  );
  return { byEmail, own, byId, byIdOrEmail, page, ownMemberships };
}

type Statements = ReturnType<typeof accountStatements>;

export type Account = RowOf<Statements['byId']>;
export type UserAccount = RowOf<Statements['own']>;
export type AccountWithPassword = RowOf<Statements['byEmail']>;

export type NewAccount = {
  id: string;
  email: string;
  passwordHash: string | null;
  username: string;
  firstName: string;
  lastName: string;
  isOperator: boolean;
  createdAt: number;
  /** null: nobody proved yet that it is theirs */
  emailConfirmedAt: number | null;
  /** JSON of its client's */
  userMetadata: string;
};

/** Accounts and their memberships. */
export function accountStore(database: Database) {
  const actor = actorStatements(database);
  const { byEmail, own, byId, byIdOrEmail, page, ownMemberships } = accountStatements(database);

  return {
    /** One round trip: takes one of the limits, and the account, if there is one. `email` in lower case. */
    async accountForSignIn(
      email: string,
      limits: readonly Limit[],
      now: number,
    ): Promise<{ taken: Taken; account: AccountWithPassword | null }> {
      const [hasTaken, states, rows] = await database.write([...takeStatements(limits, now), byEmail({ email })]);
      return { taken: takenOf([hasTaken, states]), account: rows[0] ?? null };
    },

    /** One round trip: the account behind the credential; null when the credential does not live. */
    async ownAccount(credential: Credential, now: number): Promise<UserAccount | null> {
      const bound = boundTo(credential, now);
      const [actors, rows] = await database.read([actor(bound), own(bound)]);
      return actors.length === 0 ? null : (rows[0] ?? null);
    },

    /** One round trip: the actor's organizations and the role in each. */
    async ownMemberships(
      credential: Credential,
      now: number,
    ): Promise<{ actor: Actor; memberships: RowOf<Statements['ownMemberships']>[] }> {
      const bound = boundTo(credential, now);
      const [actors, rows] = await database.read([actor(bound), ownMemberships(bound)]);
      return { actor: requireActor(actors), memberships: rows };
    },

    /** One round trip: the actor and any account. */
    async accountById(
      credential: Credential,
      id: string,
      now: number,
    ): Promise<{ actor: Actor; account: Account | null }> {
      const [actors, rows] = await database.read([actor(boundTo(credential, now)), byId({ id })]);
      return { actor: requireActor(actors), account: rows[0] ?? null };
    },

    /** One round trip: the actor, and accounts with numbers above `after` in their order. */
    async accountsAfter(
      credential: Credential,
      range: { after: number; limit: number },
      now: number,
    ): Promise<{ actor: Actor; accounts: Account[] }> {
      const [actors, rows] = await database.read([actor(boundTo(credential, now)), page(range)]);
      return { actor: requireActor(actors), accounts: rows };
    },

    /** One round trip. Null: the email is taken. */
    async addAccount(account: NewAccount, audit: { actor: AuditActor; request: RequestInfo }): Promise<Account | null> {
      const [inserted, , rows] = await database.write([
        insertAccount(account, 'not exists (select 1 from accounts where email = ?)', [account.email]),
        auditInsert(
          { organizationId: null, action: 'account.create', target: account.id },
          { ...audit, at: account.createdAt },
        ),
        byId({ id: account.id }),
      ]);
      return inserted.rowsAffected === 1 ? (rows[0] ?? null) : null;
    },

    /** One round trip: the actor and the account with that id or, in lower case, address. */
    async accountByIdOrEmail(
      credential: Credential,
      idOrEmail: string,
      now: number,
    ): Promise<{ actor: Actor; account: Account | null }> {
      const [actors, rows] = await database.read([actor(boundTo(credential, now)), byIdOrEmail({ idOrEmail })]);
      return { actor: requireActor(actors), account: rows[0] ?? null };
    },

    /** One round trip: lets it in again. False: it was not disabled, or is not there. */
    async enableAccount(id: string, at: number, audit: { actor: Actor; request: RequestInfo }): Promise<boolean> {
      const [enabled] = await database.write([
        change('update accounts set disabled_at = null where id = ? and disabled_at is not null', [id]),
        auditInsert(
          { organizationId: null, action: 'account.enable', target: id },
          { actor: accountActor(audit.actor), request: audit.request, at },
        ),
      ]);
      return enabled.rowsAffected === 1;
    },

    /** One round trip: disables it and ends its sessions. False: it was disabled already, or is not there. */
    async disableAccount(id: string, at: number, audit: { actor: Actor; request: RequestInfo }): Promise<boolean> {
      const [disabled] = await database.write([
        change('update accounts set disabled_at = ? where id = ? and disabled_at is null', [at, id]),
        auditInsert(
          { organizationId: null, action: 'account.disable', target: id },
          { actor: accountActor(audit.actor), request: audit.request, at },
        ),
        change('delete from refresh_tokens where session_id in (select id from sessions where account_id = ?)', [id]),
        change('delete from sessions where account_id = ?', [id]),
      ]);
      return disabled.rowsAffected === 1;
    },
  };
}
export type AccountStore = ReturnType<typeof accountStore>;

/** Inserts the account with the next number when the condition holds. */
export function insertAccount(
  account: NewAccount,
  condition: string,
  conditionArgs: string[],
): Statement<{ rowsAffected: number }> {
  return change(
    `insert into accounts (id, number, email, password_hash, username, first_name, last_name, is_operator, created_at,
                           email_confirmed_at, user_metadata)
     select ?, coalesce((select max(number) from accounts), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ?, ? where ${condition}`,
    [
      account.id,
      account.email,
      account.passwordHash,
      account.username,
      account.firstName,
      account.lastName,
      account.isOperator ? 1 : 0,
      account.createdAt,
      account.emailConfirmedAt,
      account.userMetadata,
      ...conditionArgs,
    ],
  );
}
