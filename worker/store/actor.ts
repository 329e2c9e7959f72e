import { and, eq, gt, isNull, or, sql } from 'drizzle-orm';
import { unionAll } from 'drizzle-orm/sqlite-core';
import { accessTokens, accounts, sessions } from '../../schema/tables/accounts.ts';
import type { Actor, Credential } from '../deps.ts';
import { unauthenticated } from '../errors.ts';
import type { Database, Statement } from './db.ts';

/**
 * The account id behind the placeholder `credential` (a session id or a token hash), for `where` clauses of data
 * statements. Whether the credential still lives is what `actorStatement` checks first in the same batch.
 */
export const credentialAccountId = sql<string>`(
  select account_id from sessions where id = ${sql.placeholder('credential')}
  union all
  select account_id from access_tokens where hash = ${sql.placeholder('credential')}
)`;

/** The statement that goes first in every batch of an authenticated request. */
export function actorStatements(
  database: Database,
): (values: { credential: string; now: number }) => Statement<Actor[]> {
  const { orm } = database;
  const live = unionAll(
    orm
      .select({ accountId: sessions.accountId, aal: sql<'aal1' | 'aal2'>`${sessions.aal}`.as('aal') })
      .from(sessions)
      .where(and(eq(sessions.id, sql.placeholder('credential')), gt(sessions.expiresAt, sql.placeholder('now')))),
    orm
      .select({ accountId: accessTokens.accountId, aal: sql<'aal1' | 'aal2'>`'aal1'`.as('aal') })
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
        aal: live.aal,
      })
      .from(live)
      .innerJoin(accounts, eq(accounts.id, live.accountId))
      .where(isNull(accounts.disabledAt)),
  );
}

/** The row `actorStatements` found, or the refusal that ends the request. */
export function requireActor(rows: Actor[]): Actor {
  const actor = rows[0];
  if (actor === undefined) throw unauthenticated();
  return actor;
}

/** Values every authenticated statement binds. */
export function boundTo(credential: Credential, now: number): { credential: string; now: number } {
  return { credential: credential.id, now };
}
