import { and, eq, gt, sql } from 'drizzle-orm';
import { accounts } from '../../schema/tables/accounts.ts';
import { invitations } from '../../schema/tables/organizations.ts';
import { identities } from '../../schema/tables/sign-in.ts';
import type { RequestInfo } from '../deps.ts';
import { userFields } from './account-fields.ts';
import { type Arrival, arrivalStatements } from './arrivals.ts';
import { auditInsert } from './audit.ts';
import { change } from './change.ts';
import type { Database, RowOf } from './db.ts';

function identityStatements(database: Database) {
  const { orm } = database;
  const bySubject = database.prepare(
    orm
      .select({ account: userFields })
      .from(identities)
      .innerJoin(accounts, eq(accounts.id, identities.accountId))
      .where(
        and(eq(identities.provider, sql.placeholder('provider')), eq(identities.subject, sql.placeholder('subject'))),
      ),
  );
  const byEmail = database.prepare(
    orm
      .select(userFields)
      .from(accounts)
      .where(eq(accounts.email, sql.placeholder('email'))),
  );
  const invited = database.prepare(
    orm
      .select({ id: invitations.id })
      .from(invitations)
      .where(and(eq(invitations.email, sql.placeholder('email')), gt(invitations.expiresAt, sql.placeholder('now'))))
      .limit(1),
  );
  const byId = database.prepare(
    orm
      .select(userFields)
      .from(accounts)
      .where(eq(accounts.id, sql.placeholder('id'))),
  );
  return { bySubject, byEmail, invited, byId };
}

export type ArrivedAccount = RowOf<ReturnType<typeof identityStatements>['byEmail']>;

/** Accounts at identity providers. `email` in lower case. */
export function identityStore(database: Database) {
  const { bySubject, byEmail, invited, byId } = identityStatements(database);

  return {
    /** One round trip: whose identity it is, who has the address, and whether it is invited somewhere. */
    async whoIs(
      who: { provider: string; subject: string; email: string | null },
      now: number,
    ): Promise<{ known: ArrivedAccount | null; sameEmail: ArrivedAccount | null; isInvited: boolean }> {
      // no account has an empty address
      const email = who.email ?? '';
      const [known, sameEmail, invitationRows] = await database.read([
        bySubject({ provider: who.provider, subject: who.subject }),
        byEmail({ email }),
        invited({ email, now }),
      ]);
      return {
        known: known[0]?.account ?? null,
        sameEmail: sameEmail[0] ?? null,
        isInvited: invitationRows.length > 0,
      };
    },

    /** One round trip. Null: the flow is over, or something about the account changed meanwhile. */
    async arrive(arrival: Arrival, request: RequestInfo): Promise<ArrivedAccount | null> {
      const { statements, decisive } = arrivalStatements(arrival, request);
      const results = await database.write([...statements, byId({ id: arrival.accountId })]);
      const [letIn, rows] = [results[decisive], results.at(-1)];
      if (letIn === undefined || !('rowsAffected' in letIn) || letIn.rowsAffected !== 1) return null;
      return Array.isArray(rows) ? (rows[0] ?? null) : null;
    },

    /** One round trip. False: it is not there any more, the last way in, or the session ended. */
    async unlink(
      removed: { id: string; accountId: string; sessionId: string; at: number },
      request: RequestInfo,
    ): Promise<boolean> {
      const { id, accountId, sessionId, at } = removed;
      const [deleted] = await database.write([
        change(
          `delete from identities where id = ? and account_id = ?
             and exists (select 1 from sessions where id = ? and expires_at > ?)
             and (exists (select 1 from accounts where id = ? and password_hash is not null)
                  or exists (select 1 from identities as other where other.account_id = ? and other.id <> ?))`,
          [id, accountId, sessionId, at, accountId, accountId, id],
        ),
        auditInsert(
          { organizationId: null, action: 'identity.unlink', target: accountId, details: { identity: id } },
          { actor: { kind: 'account', id: accountId }, request, at },
        ),
      ]);
      return deleted.rowsAffected === 1;
    },
  };
}
export type IdentityStore = ReturnType<typeof identityStore>;
