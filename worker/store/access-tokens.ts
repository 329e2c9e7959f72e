import { and, count, desc, eq, sql } from 'drizzle-orm';
import { accessTokens } from '../../schema/tables/accounts.ts';
import type { Actor, Credential, RequestInfo } from '../deps.ts';
import { actorStatements, boundTo, credentialAccountId, requireActor } from './actor.ts';
import { accountActor, auditInsert } from './audit.ts';
import { change } from './change.ts';
import type { Database, RowOf } from './db.ts';

/** Everything but the hash. */
const tokenFields = {
  id: accessTokens.id,
  name: accessTokens.name,
  alias: accessTokens.alias,
  createdAt: accessTokens.createdAt,
  expiresAt: accessTokens.expiresAt,
  lastUsedAt: accessTokens.lastUsedAt,
};

function tokenStatements(database: Database) {
  const { orm } = database;
  const own = database.prepare(
    orm
      .select(tokenFields)
      .from(accessTokens)
      .where(eq(accessTokens.accountId, credentialAccountId))
      .orderBy(desc(accessTokens.id)),
  );
  const ownById = database.prepare(
    orm
      .select(tokenFields)
      .from(accessTokens)
      .where(and(eq(accessTokens.accountId, credentialAccountId), eq(accessTokens.id, sql.placeholder('id')))),
  );
  const ownCount = database.prepare(
    orm.select({ total: count() }).from(accessTokens).where(eq(accessTokens.accountId, credentialAccountId)),
  );
  const byHash = database.prepare(
    orm
      .select(tokenFields)
      .from(accessTokens)
      .where(eq(accessTokens.hash, sql.placeholder('hash'))),
  );
  return { own, ownById, ownCount, byHash };
}

export type AccessToken = RowOf<ReturnType<typeof tokenStatements>['own']>;

export type NewAccessToken = {
  accountId: string;
  name: string;
  /** SHA-256 of the token, hex */
  hash: string;
  alias: string;
  createdAt: number;
  expiresAt: number | null;
};

/** Personal access tokens, each within its own account. */
export function accessTokenStore(database: Database) {
  const actor = actorStatements(database);
  const { own, ownById, ownCount, byHash } = tokenStatements(database);

  return {
    /** One round trip: the actor and all its tokens, newest first. */
    async ownTokens(credential: Credential, now: number): Promise<{ actor: Actor; tokens: AccessToken[] }> {
      const bound = boundTo(credential, now);
      const [actors, tokens] = await database.read([actor(bound), own(bound)]);
      return { actor: requireActor(actors), tokens };
    },

    /** One round trip: the actor and how many tokens it has. */
    async ownTokenCount(credential: Credential, now: number): Promise<{ actor: Actor; total: number }> {
      const bound = boundTo(credential, now);
      const [actors, counted] = await database.read([actor(bound), ownCount(bound)]);
      return { actor: requireActor(actors), total: counted[0]?.total ?? 0 };
    },

    /** One round trip: the actor and one of its tokens. */
    async ownToken(
      credential: Credential,
      id: number,
      now: number,
    ): Promise<{ actor: Actor; token: AccessToken | null }> {
      const bound = boundTo(credential, now);
      const [actors, tokens] = await database.read([actor(bound), ownById({ ...bound, id })]);
      return { actor: requireActor(actors), token: tokens[0] ?? null };
    },

    /** One round trip. Null: the account has `maximum` tokens by now. */
    async addToken(
      token: NewAccessToken,
      maximum: number,
      audit: { actor: Actor; request: RequestInfo },
    ): Promise<AccessToken | null> {
      const [inserted, , rows] = await database.write([
        change(
          `insert into access_tokens (account_id, name, hash, alias, created_at, expires_at)
           select ?, ?, ?, ?, ?, ? where (select count(*) from access_tokens where account_id = ?) < ?`,
          [...insertArgs(token), token.accountId, maximum],
        ),
        auditInsert(
          { organizationId: null, action: 'access-token.create', target: token.alias, details: { name: token.name } },
          { actor: accountActor(audit.actor), request: audit.request, at: token.createdAt },
        ),
        byHash({ hash: token.hash }),
      ]);
      return inserted.rowsAffected === 1 ? (rows[0] ?? null) : null;
    },

    /** One round trip: it was used at that time, unless that is known to the precision that is kept. */
    async noteUse(use: { hash: string; at: number; knownSince: number }): Promise<void> {
      await database.write([
        change('update access_tokens set last_used_at = ? where hash = ? and coalesce(last_used_at, 0) <= ?', [
          use.at,
          use.hash,
          use.knownSince,
        ]),
      ]);
    },

    /** One round trip. False: it was gone already. */
    async removeToken(token: AccessToken, audit: { actor: Actor; request: RequestInfo; at: number }): Promise<boolean> {
      const [removed] = await database.write([
        change('delete from access_tokens where id = ? and account_id = ?', [token.id, audit.actor.accountId]),
        auditInsert(
          { organizationId: null, action: 'access-token.revoke', target: token.alias, details: { name: token.name } },
          { actor: accountActor(audit.actor), request: audit.request, at: audit.at },
        ),
      ]);
      return removed.rowsAffected === 1;
    },
  };
}
export type AccessTokenStore = ReturnType<typeof accessTokenStore>;

/** In the order of `account_id, name, hash, alias, created_at, expires_at`. */
export function insertArgs(token: NewAccessToken): (string | number | null)[] {
  return [token.accountId, token.name, token.hash, token.alias, token.createdAt, token.expiresAt];
}
