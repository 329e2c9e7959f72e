import type { Actor, RequestInfo } from '../deps.ts';
import { insertArgs, type NewAccessToken } from './access-tokens.ts';
import { accountActor, auditInsert } from './audit.ts';
import { change } from './change.ts';
import type { Database, Statement } from './db.ts';

export type CliLogin = {
  sessionId: string;
  encryptedToken: string;
  publicKey: string;
  nonce: string;
  createdAt: number;
};

/** Hand-overs of access tokens to the CLI. */
export function cliLoginStore(database: Database) {
  return {
    /** One round trip. False: the account has `maximum` tokens by now, or the session was answered before. */
    async start(
      login: CliLogin & { expiresAt: number },
      token: NewAccessToken,
      maximum: number,
      audit: { actor: Actor; request: RequestInfo },
    ): Promise<boolean> {
      const [inserted] = await database.write([
        change(
          `insert into access_tokens (account_id, name, hash, alias, created_at, expires_at)
           select ?, ?, ?, ?, ?, ? where (select count(*) from access_tokens where account_id = ?) < ?
             and not exists (select 1 from cli_logins where session_id = ?)`,
          [...insertArgs(token), token.accountId, maximum, login.sessionId],
        ),
        auditInsert(
          {
            organizationId: null,
            action: 'access-token.create',
            target: token.alias,
            details: { name: token.name, for: 'cli' },
          },
          { actor: accountActor(audit.actor), request: audit.request, at: token.createdAt },
        ),
        change(
          `insert into cli_logins (session_id, encrypted_token, public_key, nonce, created_at, expires_at)
           select ?, ?, ?, ?, ?, ? where exists (select 1 from access_tokens where hash = ?)`,
          [
            login.sessionId,
            login.encryptedToken,
            login.publicKey,
            login.nonce,
            login.createdAt,
            login.expiresAt,
            token.hash,
          ],
        ),
      ]);
      return inserted.rowsAffected === 1;
    },

    /** One round trip: what waits for the session, once; null when nothing does, or the code is not its own. */
    async collect(wanted: {
      sessionId: string;
      code: string;
      now: number;
      maximumFailures: number;
    }): Promise<CliLogin | null> {
      const { sessionId, code, now, maximumFailures } = wanted;
      const [, found] = await database.write([
        change('update cli_logins set failures = failures + 1 where session_id = ? and substr(nonce, 1, 8) <> ?', [
          sessionId,
          code,
        ]),
        takeLogin(sessionId, code, now, maximumFailures),
      ]);
      return found;
    },
  };
}
export type CliLoginStore = ReturnType<typeof cliLoginStore>;

function takeLogin(sessionId: string, code: string, now: number, maximumFailures: number): Statement<CliLogin | null> {
  return {
    sql: `delete from cli_logins
          where session_id = ? and substr(nonce, 1, 8) = ? and expires_at > ? and failures < ?
          returning encrypted_token, public_key, nonce, created_at`,
    args: [sessionId, code, now, maximumFailures],
    decode: ({ rows: [row] }) =>
      row === undefined
        ? null
        : {
            sessionId,
            encryptedToken: String(row.encrypted_token),
            publicKey: String(row.public_key),
            nonce: String(row.nonce),
            createdAt: Number(row.created_at),
          },
  };
}
