import { and, eq, gt, isNull, or, sql } from 'drizzle-orm';
import { unionAll } from 'drizzle-orm/sqlite-core';
import { accessTokens, accounts, sessions } from '../../schema/tables/accounts.ts';
import { storedPermissions } from '../../schema/token-permissions.ts';
import type { Actor, Credential } from '../deps.ts';
import { AppError, unauthenticated } from '../errors.ts';
import type { Database, RowOf } from './db.ts';

/**
 * The account id behind the placeholder `credential` (a session id or a token hash), for `where` clauses of data
 * statements. Whether the credential still lives is what `actorStatement` checks first in the same batch.
 */
export const credentialAccountId = sql<string>`(
  select account_id from sessions where id = ${sql.placeholder('credential')}
  union all
  select account_id from access_tokens where hash = ${sql.placeholder('credential')}
)`;

type ActorStatement = ReturnType<typeof actorStatements>;
export type ActorRow = RowOf<ActorStatement>;

/** The statement that goes first in every batch of an authenticated request. */
export function actorStatements(database: Database) {
  const { orm } = database;
  const live = unionAll(
    orm
      .select({
        accountId: sessions.accountId,
        kind: sql<Credential['kind']>`'session'`.as('kind'),
        aal: sql<'aal1' | 'aal2'>`${sessions.aal}`.as('aal'),
        permissions: sql<string | null>`null`.as('permissions'),
        isLimited: sql<number>`0`.as('is_limited'),
      })
      .from(sessions)
      .where(and(eq(sessions.id, sql.placeholder('credential')), gt(sessions.expiresAt, sql.placeholder('now')))),
    orm
      .select({
        accountId: accessTokens.accountId,
        kind: sql<Credential['kind']>`'token'`.as('kind'),
        aal: sql<'aal1' | 'aal2'>`'aal1'`.as('aal'),
        permissions: sql<string | null>`${accessTokens.permissions}`.as('permissions'),
        isLimited: sql<number>`${accessTokens.isLimited}`.as('is_limited'),
      })
      .from(accessTokens)
      .where(
        and(
          eq(accessTokens.hash, sql.placeholder('credential')),
          or(isNull(accessTokens.expiresAt), gt(accessTokens.expiresAt, sql.placeholder('now'))),
        ),
      ),
  ).as('live');
  return database.prepare(
    orm
      .select({
        accountId: accounts.id,
        number: accounts.number,
        email: accounts.email,
        username: accounts.username,
        firstName: accounts.firstName,
        lastName: accounts.lastName,
        isOperator: accounts.isOperator,
        credential: live.kind,
        aal: live.aal,
        permissions: live.permissions,
        isLimited: live.isLimited,
        hasFactor: sql<number>`exists (select 1 from mfa_factors where account_id = ${accounts.id} and status = 'verified')`,
      })
      .from(live)
      .innerJoin(accounts, eq(accounts.id, live.accountId))
      .where(isNull(accounts.disabledAt)),
  );
}

/**
 * The row `actorStatement` found, or the refusal that ends the request: `unauthenticated`, and `insufficient_aal` for a
 * session of an account with a second factor that was not asked for it yet.
 */
export function requireActor(rows: readonly ActorRow[]): Actor {
  const row = rows[0];
  if (row === undefined) throw unauthenticated();
  const { isLimited, hasFactor, permissions, ...actor } = row;
  if (hasFactor === 1 && actor.credential === 'session' && actor.aal !== 'aal2') {
    throw new AppError('insufficient_aal', 'Your account has a second factor: verify it first (aal2 is required)');
  }
  return {
    ...actor,
    hasFactor: hasFactor === 1,
    isOperator: actor.isOperator && permissions === null && isLimited === 0,
    permissions: permissions === null ? null : storedPermissions(permissions),
    isLimited: isLimited === 1,
  };
}

/** Values every authenticated statement binds. */
export function boundTo(credential: Credential, now: number): { credential: string; now: number } {
  return { credential: credential.id, now };
}
