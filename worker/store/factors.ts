import { eq, sql } from 'drizzle-orm';
import { accounts, sessions } from '../../schema/tables/accounts.ts';
import type { Actor, Credential, RequestInfo } from '../deps.ts';
import { userFields } from './account-fields.ts';
import type { UserAccount } from './accounts.ts';
import { actorStatements, boundTo, credentialAccountId } from './actor.ts';
import { accountActor, auditInsert } from './audit.ts';
import { change } from './change.ts';
import type { Database, RowOf } from './db.ts';

/** The account and the session behind the placeholder `credential`. */
export function ownSessionStatements(database: Database) {
  const { orm } = database;
  const own = database.prepare(orm.select(userFields).from(accounts).where(eq(accounts.id, credentialAccountId)));
  const session = database.prepare(
    orm
      .select({ id: sessions.id, aal: sessions.aal, method: sessions.method, signedInAt: sessions.createdAt })
      .from(sessions)
      .where(eq(sessions.id, sql.placeholder('credential'))),
  );
  return { own, session };
}

export type OwnSession = RowOf<ReturnType<typeof ownSessionStatements>['session']>;

export type NewFactor = {
  id: string;
  accountId: string;
  friendlyName: string;
  /** sealed */
  secret: string;
  at: number;
};

/** Second factors, up to their first code. Times are milliseconds since the epoch. */
export function factorStore(database: Database) {
  const actor = actorStatements(database);
  const { own, session } = ownSessionStatements(database);

  return {
    /** One round trip: the account and the session behind the credential. Null: it does not live, or is a token. */
    async ownSession(
      credential: Credential,
      now: number,
    ): Promise<{ account: UserAccount; session: OwnSession } | null> {
      const bound = boundTo(credential, now);
      const [actors, accountRows, sessionRows] = await database.read([actor(bound), own(bound), session(bound)]);
      const [account, found] = [accountRows[0], sessionRows[0]];
      return actors.length === 0 || account === undefined || found === undefined ? null : { account, session: found };
    },

    /**
     * One round trip: adds an unverified factor in place of another unverified one. False: the name is taken, there are
     * `limit` factors, or the session may not any more.
     */
    async enrol(
      added: NewFactor,
      by: { sessionId: string; limit: number },
      audit: { actor: Pick<Actor, 'accountId' | 'credential'>; request: RequestInfo },
    ): Promise<boolean> {
      const { id, accountId, friendlyName, at } = added;
      const older = `account_id = ? and status = 'unverified' and id <> ? and exists (select 1 from mfa_factors where id = ?)`;
      const [inserted] = await database.write([
        change(
          `insert into mfa_factors (id, account_id, friendly_name, status, secret, created_at, updated_at)
           select ?, account_id, ?, 'unverified', ?, ?, ? from sessions as s
           where id = ? and account_id = ? and expires_at > ?
             and not exists (select 1 from mfa_factors where account_id = s.account_id and status = 'verified'
                                                         and (s.aal <> 'aal2' or (? <> '' and friendly_name = ?)))
             and (select count(*) from mfa_factors where account_id = s.account_id and status = 'verified') < ?`,
          [id, friendlyName, added.secret, at, at, by.sessionId, accountId, at, friendlyName, friendlyName, by.limit],
        ),
        auditInsert(
          { organizationId: null, action: 'mfa.enrol', target: accountId, details: { factor: id } },
          { actor: accountActor(audit.actor), request: audit.request, at },
        ),
        change(`delete from mfa_challenges where factor_id in (select id from mfa_factors where ${older})`, [
          accountId,
          id,
          id,
        ]),
        change(`delete from mfa_factors where ${older}`, [accountId, id, id]),
      ]);
      return inserted.rowsAffected === 1;
    },
  };
}
export type FactorStore = ReturnType<typeof factorStore>;
