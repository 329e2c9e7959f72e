import { eq, sql } from 'drizzle-orm';
import { accounts } from '../../schema/tables/accounts.ts';
import { authCodes } from '../../schema/tables/sign-in.ts';
import type { RequestInfo } from '../deps.ts';
import { userFields } from './account-fields.ts';
import { change } from './change.ts';
import type { Database, RowOf, Statement } from './db.ts';
import { type NewSession, startStatements } from './new-session.ts';

/** A code that a client exchanges for a session with its PKCE verifier. */
export type NewCode = {
  /** SHA-256 of the code, hex */
  hash: string;
  method: 'otp' | 'oauth';
  challenge: string;
  challengeMethod: 'plain' | 's256';
  at: number;
  expiresAt: number;
};

/** Gives out a code right behind a statement that proves somebody is who they say, as `startStatements` a session. */
export function insertCode(accountId: string, code: NewCode): Statement<{ rowsAffected: number }> {
  return change(
    `insert into auth_codes (hash, account_id, method, code_challenge, code_challenge_method, created_at, expires_at)
     select ?, id, ?, ?, ?, ?, ? from accounts where changes() = 1 and id = ? and disabled_at is null`,
    [code.hash, code.method, code.challenge, code.challengeMethod, code.at, code.expiresAt, accountId],
  );
}

function codeStatements(database: Database) {
  return database.prepare(
    database.orm
      .select({
        method: authCodes.method,
        challenge: authCodes.codeChallenge,
        challengeMethod: authCodes.codeChallengeMethod,
        expiresAt: authCodes.expiresAt,
        account: userFields,
      })
      .from(authCodes)
      .innerJoin(accounts, eq(accounts.id, authCodes.accountId))
      .where(eq(authCodes.hash, sql.placeholder('hash'))),
  );
}

export type AuthCode = RowOf<ReturnType<typeof codeStatements>>;

export function authCodeStore(database: Database) {
  const byHash = codeStatements(database);

  return {
    /** One round trip: the code with its account. */
    async codeByHash(hash: string): Promise<AuthCode | null> {
      const [rows] = await database.read([byHash({ hash })]);
      return rows[0] ?? null;
    },

    /** One round trip. False: the code was used meanwhile, or its account may not sign in. */
    async exchange(hash: string, session: NewSession, request: RequestInfo): Promise<boolean> {
      const [, started] = await database.write([
        change('delete from auth_codes where hash = ?', [hash]),
        ...startStatements(session, request),
        change('delete from auth_codes where expires_at <= ?', [session.at]),
      ]);
      return started.rowsAffected === 1;
    },

    /** One round trip: a code that was shown without its verifier is of no use any more. */
    async drop(hash: string): Promise<void> {
      await database.write([change('delete from auth_codes where hash = ?', [hash])]);
    },
  };
}
export type AuthCodeStore = ReturnType<typeof authCodeStore>;
