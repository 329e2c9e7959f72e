import { eq, sql } from 'drizzle-orm';
import { accounts } from '../../schema/tables/accounts.ts';
import type { Actor, RequestInfo } from '../deps.ts';
import { accountFields } from './account-fields.ts';
import { type Account, insertAccount, type NewAccount } from './accounts.ts';
import { accountActor, auditEach, auditInsert } from './audit.ts';
import { change } from './change.ts';
import type { Database, Statement } from './db.ts';
import { isPending, issueToken, type NewOneTimeToken } from './one-time-tokens.ts';

/** `pending`: it waits for its mail to be followed; `known`: the address has an account; `none`: that is disabled. */
export type SignUpState = 'pending' | 'known' | 'none';

/** Accounts that people or operators ask for and that a mail confirms. */
export function signUpStore(database: Database) {
  const byEmail = database.prepare(
    database.orm
      .select(accountFields)
      .from(accounts)
      .where(eq(accounts.email, sql.placeholder('email'))),
  );

  return {
    /** One round trip: whether an organization waits for somebody with this address. */
    async isInvited(email: string, now: number): Promise<boolean> {
      const [found] = await database.read([
        {
          sql: 'select 1 from invitations where email = ? and expires_at > ? limit 1',
          args: [email, now],
          decode: ({ rows }): boolean => rows.length > 0,
        },
      ]);
      return found;
    },

    /**
     * One round trip, the same for an address with an account and without. A later password, with its metadata, replaces
     * an unconfirmed one.
     */
    async signUp(account: NewAccount, token: NewOneTimeToken, request: RequestInfo): Promise<SignUpState> {
      const { email, passwordHash } = account;
      const [, , , issued, rows] = await database.write([
        insertAccount(account, 'not exists (select 1 from accounts where email = ?)', [email]),
        auditInsert(
          { organizationId: null, action: 'account.sign-up', target: account.id },
          { actor: { kind: 'account', id: account.id }, request, at: account.createdAt },
        ),
        change(`update accounts set password_hash = ?, user_metadata = ? where ${isPending}`, [
          passwordHash,
          account.userMetadata,
          email,
        ]),
        issueToken(token, 'changes() = 1 and email = ?', [email]),
        byEmail({ email }),
      ]);
      if (issued.rowsAffected === 1) return 'pending';
      return rows[0]?.disabledAt === null ? 'known' : 'none';
    },

    /**
     * One round trip: an account without a password, and the token of its mail; asked again, the next token. Null: the
     * address has an account that was used already, or is disabled.
     */
    async invite(
      account: NewAccount,
      token: NewOneTimeToken,
      audit: { actor: Actor; request: RequestInfo },
    ): Promise<Account | null> {
      const { email } = account;
      const [, , , issued, rows] = await database.write([
        insertAccount(account, 'not exists (select 1 from accounts where email = ?)', [email]),
        // whoever signed up with the address and never confirmed it is not who is meant
        change(
          `update accounts set password_hash = null, user_metadata = '{}', is_operator = ?
           where email = ? and email_confirmed_at is null and disabled_at is null`,
          [account.isOperator ? 1 : 0, email],
        ),
        auditOfAccount('account.invite', email, { ...audit, at: account.createdAt }),
        issueToken(token, 'changes() = 1 and email = ?', [email]),
        byEmail({ email }),
      ]);
      return issued.rowsAffected === 1 ? (rows[0] ?? null) : null;
    },

    /** One round trip: the token of a mail by which the account gets a new password. False: it is disabled. */
    async issueReset(
      accountId: string,
      token: NewOneTimeToken,
      audit: { actor: Actor; request: RequestInfo },
    ): Promise<boolean> {
      const [issued] = await database.write([
        issueToken(token, 'id = ? and disabled_at is null', [accountId]),
        auditInsert(
          { organizationId: null, action: 'account.reset', target: accountId },
          { actor: accountActor(audit.actor), request: audit.request, at: token.createdAt },
        ),
      ]);
      return issued.rowsAffected === 1;
    },
  };
}
export type SignUpStore = ReturnType<typeof signUpStore>;

/** Right behind a change of the account that has the address; only the database knows its id. */
function auditOfAccount(
  action: 'account.invite',
  email: string,
  by: { actor: Actor; request: RequestInfo; at: number },
): Statement<{ rowsAffected: number }> {
  return auditEach(
    { action, target: 'id', details: "json_object('operator', is_operator)" },
    { sql: 'accounts where changes() = 1 and email = ?', args: [email] },
    { actor: accountActor(by.actor), request: by.request, at: by.at },
  );
}
