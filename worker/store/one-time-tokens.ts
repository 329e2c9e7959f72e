import { and, eq, gt, isNull, or, sql } from 'drizzle-orm';
import { accounts } from '../../schema/tables/accounts.ts';
import { oneTimeTokens } from '../../schema/tables/sign-in.ts';
import type { RequestInfo } from '../deps.ts';
import { userFields } from './account-fields.ts';
import { change } from './change.ts';
import type { Database, RowOf, Statement } from './db.ts';
import { type ProvedBy, redemption } from './redemption.ts';

export type TokenKind = 'signup' | 'recovery' | 'invite' | 'email_change' | 'magiclink';

/** PKCE: what the client that asked will have to know the verifier of. */
export type CodeChallenge = { challenge: string; method: 'plain' | 's256' };

/** Hashes are SHA-256, hex: of the token in the link; of that hash and the code. */
export type NewOneTimeToken = {
  hash: string;
  codeHash: string;
  kind: TokenKind;
  codeChallenge: CodeChallenge | null;
  createdAt: number;
  expiresAt: number;
};

function tokenStatements(database: Database) {
  const live = () =>
    database.orm
      .select({
        hash: oneTimeTokens.hash,
        codeHash: oneTimeTokens.codeHash,
        kind: oneTimeTokens.kind,
        email: oneTimeTokens.email,
        codeChallenge: oneTimeTokens.codeChallenge,
        codeChallengeMethod: oneTimeTokens.codeChallengeMethod,
        account: userFields,
      })
      .from(oneTimeTokens)
      .innerJoin(accounts, eq(accounts.id, oneTimeTokens.accountId));
  const isLive = and(
    gt(oneTimeTokens.expiresAt, sql.placeholder('now')),
    isNull(accounts.disabledAt),
    // what was sent to an address that is not the account's any more proves nothing
    or(eq(oneTimeTokens.kind, 'email_change'), eq(oneTimeTokens.email, accounts.email)),
  );
  const byHash = database.prepare(live().where(and(eq(oneTimeTokens.hash, sql.placeholder('hash')), isLive)));
  const byEmail = database.prepare(
    live()
      .where(and(eq(oneTimeTokens.email, sql.placeholder('email')), isLive))
      // whoever asks for an address that is another's does not hide what its owner was sent
      .orderBy(sql`${oneTimeTokens.kind} = 'email_change'`)
      .limit(20),
  );
  return { byHash, byEmail };
}

export type OneTimeToken = RowOf<ReturnType<typeof tokenStatements>['byHash']>;

/** What was mailed to somebody, known by hashes only. */
export function oneTimeTokenStore(database: Database) {
  const { byHash, byEmail } = tokenStatements(database);

  return {
    /** One round trip: the token of a link and its account; null: it is used up, expired, or proves nothing any more. */
    async tokenByHash(hash: string, now: number): Promise<OneTimeToken | null> {
      const [rows] = await database.read([byHash({ hash, now })]);
      return rows[0] ?? null;
    },

    /**
     * One round trip: the tokens that a code for this address may belong to, each with one of its tries taken before
     * anything is compared, so that guesses at the same time are counted as well. Without those that had all their tries.
     */
    async takeTries(guess: {
      email: string;
      kinds: readonly TokenKind[];
      now: number;
      maximumTries: number;
    }): Promise<OneTimeToken[]> {
      const [taken, rows] = await database.write([takeTry(guess), byEmail({ email: guess.email, now: guess.now })]);
      return rows.filter(({ hash }) => taken.has(hash));
    },

    /** One round trip, and the same whether there is such an account or not. False: nothing is to be sent. */
    async issueForRecovery(email: string, token: NewOneTimeToken): Promise<boolean> {
      const [issued] = await database.write([issueToken(token, 'email = ? and disabled_at is null', [email])]);
      return issued.rowsAffected === 1;
    },

    /** One round trip: the next mail of an unconfirmed sign-up. False: nothing is to be sent. */
    async reissueForSignUp(email: string, token: NewOneTimeToken): Promise<boolean> {
      const [issued] = await database.write([issueToken(token, isPending, [email], keptChallenge)]);
      return issued.rowsAffected === 1;
    },

    /** One round trip: the next mail of a change of address that is under way; the address it goes to. */
    async reissueForEmailChange(email: string, token: NewOneTimeToken): Promise<string | null> {
      const [addresses] = await database.write([
        {
          sql: `update one_time_tokens set hash = ?, code_hash = ?, code_failures = 0, created_at = ?, expires_at = ?
                where kind = 'email_change' and expires_at > ?
                  and account_id = (select id from accounts where email = ? and disabled_at is null)
                returning case when email not in (select email from accounts) then email end`,
          args: [token.hash, token.codeHash, token.createdAt, token.expiresAt, token.createdAt, email],
          decode: ({ rows: [row] }): string | null => (typeof row?.[0] === 'string' ? row[0] : null),
        },
      ]);
      return addresses;
    },

    /**
     * One round trip: whether the new address is to be asked. One that another account has is kept like any other, as
     * the user is told of it, and gets no mail.
     */
    async issueForEmailChange(accountId: string, email: string, token: NewOneTimeToken): Promise<boolean> {
      const [issued, isTaken] = await database.write([
        issueToken(token, 'id = ? and disabled_at is null', [accountId], '', email),
        {
          sql: 'select 1 from accounts where email = ?',
          args: [email],
          decode: ({ rows }): boolean => rows.length > 0,
        },
      ]);
      return issued.rowsAffected === 1 && !isTaken;
    },

    /** One round trip: uses the token up for a session or a code for one. False: somebody was faster, or it expired. */
    async redeem(token: OneTimeToken, by: ProvedBy, request: RequestInfo): Promise<boolean> {
      const { statements, isProved } = redemption(token, by, request);
      return isProved(await database.write(statements));
    },
  };
}
export type OneTimeTokenStore = ReturnType<typeof oneTimeTokenStore>;

/** A sign-up by password that nobody confirmed; whoever was invited has no password yet. */
export const isPending =
  'email = ? and email_confirmed_at is null and disabled_at is null and password_hash is not null';

/** A client that asks for the next mail does not send its challenge again. */
const keptChallenge = `, code_challenge = coalesce(excluded.code_challenge, one_time_tokens.code_challenge),
  code_challenge_method = coalesce(excluded.code_challenge_method, one_time_tokens.code_challenge_method)`;

const newChallenge =
  ', code_challenge = excluded.code_challenge, code_challenge_method = excluded.code_challenge_method';

/** A token for the account that the condition finds, in place of an older one of its kind. `email`: null: its own. */
export function issueToken(
  token: NewOneTimeToken,
  condition: string,
  args: (string | number)[],
  challenge = newChallenge,
  email: string | null = null,
): Statement<{ rowsAffected: number }> {
  return change(
    `insert into one_time_tokens (hash, account_id, kind, email, code_hash, code_challenge, code_challenge_method,
                                  created_at, expires_at)
     select ?, id, ?, coalesce(?, email), ?, ?, ?, ?, ? from accounts where ${condition}
     on conflict (account_id, kind) do update set
       hash = excluded.hash, email = excluded.email, code_hash = excluded.code_hash, code_failures = 0,
       created_at = excluded.created_at, expires_at = excluded.expires_at${challenge}`,
    [
      token.hash,
      token.kind,
      email,
      token.codeHash,
      token.codeChallenge?.challenge ?? null,
      token.codeChallenge?.method ?? null,
      token.createdAt,
      token.expiresAt,
      ...args,
    ],
  );
}

function takeTry(guess: {
  email: string;
  kinds: readonly TokenKind[];
  now: number;
  maximumTries: number;
}): Statement<ReadonlySet<string>> {
  return {
    sql: `update one_time_tokens set code_failures = code_failures + 1
          where email = ? and expires_at > ? and code_failures < ?
            and kind in (select value from json_each(?)) returning hash`,
    args: [guess.email, guess.now, guess.maximumTries, JSON.stringify(guess.kinds)],
    decode: ({ rows }) => new Set(rows.map((row) => String(row[0]))),
  };
}
