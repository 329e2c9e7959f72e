import { eq, sql } from 'drizzle-orm';
import { accounts, refreshTokens, sessions } from '../../schema/tables/accounts.ts';
import type { RequestInfo } from '../deps.ts';
import { userFields } from './account-fields.ts';
import { auditInsert } from './audit.ts';
import { change } from './change.ts';
import type { Database, RowOf, Statement } from './db.ts';
import { type NewSession, startStatements } from './new-session.ts';
import { type Limit, restStatement, type Taken, takenOf, takeStatements } from './rate-limits.ts';

function sessionStatements(database: Database) {
  const byRefreshToken = database.prepare(
    database.orm
      .select({
        rotatedAt: refreshTokens.rotatedAt,
        sessionId: sessions.id,
        aal: sessions.aal,
        method: sessions.method,
        signedInAt: sessions.createdAt,
        factorVerifiedAt: sessions.factorVerifiedAt,
        expiresAt: sessions.expiresAt,
        account: userFields,
      })
      .from(refreshTokens)
      .innerJoin(sessions, eq(sessions.id, refreshTokens.sessionId))
      .innerJoin(accounts, eq(accounts.id, sessions.accountId))
      .where(eq(refreshTokens.hash, sql.placeholder('hash'))),
  );
  return { byRefreshToken };
}

export type RefreshState = RowOf<ReturnType<typeof sessionStatements>['byRefreshToken']>;

export type SignOutScope = 'global' | 'local' | 'others';

/** Refresh tokens are known by their SHA-256 (hex) only. Times are milliseconds since the epoch. */
export function sessionStore(database: Database) {
  const { byRefreshToken } = sessionStatements(database);

  return {
    /** One round trip. False: the account was disabled, or its password is not `passwordHash` any more. */
    async startByPassword(
      session: NewSession,
      passwordHash: string,
      /** what counts attempts, back at rest with this one */
      limitKeys: readonly string[],
      request: RequestInfo,
    ): Promise<boolean> {
      const [, started] = await database.write([
        change('update accounts set last_sign_in_at = ? where id = ? and password_hash = ?', [
          session.at,
          session.accountId,
          passwordHash,
        ]),
        ...startStatements(session, request),
        restStatement(limitKeys, session.id),
      ]);
      return started.rowsAffected === 1;
    },

    /** One round trip: takes one of the limits, and the token with its session and account. */
    async sessionByRefreshToken(
      hash: string,
      limits: readonly Limit[],
      now: number,
    ): Promise<{ taken: Taken; state: RefreshState | null }> {
      const [hasTaken, states, rows] = await database.write([...takeStatements(limits, now), byRefreshToken({ hash })]);
      return { taken: takenOf([hasTaken, states]), state: rows[0] ?? null };
    },

    /**
     * One round trip: adds the next token when this one was not rotated before `graceSince` and its session and account
     * live. A first use, a race and a use within the grace period are one and the same statement. False: none of them.
     */
    async rotate(rotation: {
      hash: string;
      nextHash: string;
      sessionId: string;
      at: number;
      graceSince: number;
      expiresAt: number;
      /** rotated or unused tokens older than this go */
      keptSince: number;
    }): Promise<boolean> {
      const { hash, nextHash, sessionId, at } = rotation;
      const [added] = await database.write([
        change(
          `insert into refresh_tokens (hash, session_id, created_at)
           select ?, s.id, ? from refresh_tokens t
           join sessions s on s.id = t.session_id join accounts a on a.id = s.account_id
           where t.hash = ? and (t.rotated_at is null or t.rotated_at > ?) and s.expires_at > ? and a.disabled_at is null`,
          [nextHash, at, hash, rotation.graceSince, at],
        ),
        change('update sessions set refreshed_at = ?, expires_at = ? where changes() = 1 and id = ?', [
          at,
          rotation.expiresAt,
          sessionId,
        ]),
        change('update refresh_tokens set rotated_at = ? where changes() = 1 and hash = ? and rotated_at is null', [
          at,
          hash,
        ]),
        change('delete from refresh_tokens where session_id = ? and coalesce(rotated_at, created_at) < ?', [
          sessionId,
          rotation.keptSince,
        ]),
      ]);
      return added.rowsAffected === 1;
    },

    /** One round trip: ends the session of a token that was used again after its grace period. */
    async endReused(
      reuse: { hash: string; sessionId: string; accountId: string; at: number; graceSince: number },
      request: RequestInfo,
    ): Promise<void> {
      await database.write([
        change(
          `delete from sessions where id = (select session_id from refresh_tokens where hash = ? and rotated_at <= ?)`,
          [reuse.hash, reuse.graceSince],
        ),
        auditInsert(
          {
            organizationId: null,
            action: 'session.reuse-detected',
            target: reuse.accountId,
            details: { session: reuse.sessionId },
          },
          { actor: { kind: 'account', id: reuse.accountId }, request, at: reuse.at },
        ),
        orphansOf(reuse.sessionId),
      ]);
    },

    /** One round trip. False: the session itself does not live any more, and nothing was done. */
    async endSessions(
      end: { sessionId: string; accountId: string; scope: SignOutScope; at: number },
      request: RequestInfo,
    ): Promise<boolean> {
      const { sessionId, accountId, scope, at } = end;
      const guard =
        scope === 'others'
          ? change('update sessions set refreshed_at = refreshed_at where id = ? and expires_at > ?', [sessionId, at])
          : change('delete from sessions where id = ? and expires_at > ?', [sessionId, at]);
      const audit = auditInsert(
        { organizationId: null, action: 'account.sign-out', target: accountId, details: { session: sessionId, scope } },
        { actor: { kind: 'account', id: accountId }, request, at },
      );
      const others = endOthers(sessionId, scope === 'local' ? '' : accountId, at);
      const [, , ended] = await database.write([...others, guard, audit, orphansOf(sessionId)]);
      return ended.rowsAffected === 1;
    },
  };
}
export type SessionStore = ReturnType<typeof sessionStore>;

/** Ends the account's other sessions while the one that asks for it lives; no account, no sessions. */
function endOthers(sessionId: string, accountId: string, at: number) {
  const others = 'account_id = ? and id <> ? and exists (select 1 from sessions where id = ? and expires_at > ?)';
  const args = [accountId, sessionId, sessionId, at];
  return [
    change(`delete from refresh_tokens where session_id in (select id from sessions where ${others})`, args),
    change(`delete from sessions where ${others}`, args),
  ] as const;
}

/** Refresh tokens of the session if that is gone: not left to the driver's foreign-key setting. */
function orphansOf(sessionId: string): Statement<{ rowsAffected: number }> {
  return change(
    'delete from refresh_tokens where session_id = ? and not exists (select 1 from sessions where id = ?)',
    [sessionId, sessionId],
  );
}
