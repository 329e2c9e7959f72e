import { and, count, desc, eq, sql } from 'drizzle-orm';
import type { AuditEntry } from '../../schema/audit-entry.ts';
import { accessTokens } from '../../schema/tables/accounts.ts';
import type { Actor, Credential, RequestInfo } from '../deps.ts';
import { actorStatements, boundTo, credentialAccountId, requireActor } from './actor.ts';
import { accountActor, auditInsert } from './audit.ts';
import { change } from './change.ts';
import type { Database, RowOf } from './db.ts';
import { type Limit, type Taken, takenOf, takeStatements } from './rate-limits.ts';
import { insertReach, isStillReached, listedFields, type Reach, reachStatements } from './token-reach.ts';

/** Everything but the hash. */
const tokenFields = {
  id: accessTokens.id,
  name: accessTokens.name,
  alias: accessTokens.alias,
  createdAt: accessTokens.createdAt,
  expiresAt: accessTokens.expiresAt,
  lastUsedAt: accessTokens.lastUsedAt,
  permissions: accessTokens.permissions,
  isLimited: accessTokens.isLimited,
  ...listedFields,
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

export type AccessTokenRow = RowOf<ReturnType<typeof tokenStatements>['own']>;

export type NewAccessToken = {
  accountId: string;
  name: string;
  /** SHA-256 of the token, hex */
  hash: string;
  alias: string;
  createdAt: number;
  expiresAt: number | null;
};

/** What a token is limited to: null and nothing listed, to what its owner may. */
export type TokenLimits = { permissions: readonly string[] | null; reach: readonly Reach[] };

/** Personal access tokens, each within its own account. */
export function accessTokenStore(database: Database) {
  const actor = actorStatements(database);
  const { own, ownById, ownCount, byHash } = tokenStatements(database);
  const { listedOrganizations, listedProjects } = reachStatements(database);

  return {
    /** One round trip: the actor and all its tokens, newest first. */
    async ownTokens(credential: Credential, now: number): Promise<{ actor: Actor; tokens: AccessTokenRow[] }> {
      const bound = boundTo(credential, now);
      const [actors, tokens] = await database.read([actor(bound), own(bound)]);
      return { actor: requireActor(actors), tokens };
    },

    /** One round trip: takes one of the limits; the actor, how many tokens it has, and what of the listed it may see. */
    async beforeToken(
      credential: Credential,
      listed: { slugs: readonly string[]; refs: readonly string[] },
      limits: readonly Limit[],
      now: number,
    ) {
      const bound = boundTo(credential, now);
      const [hasTaken, states, actors, counted, organizations, projects] = await database.write([
        ...takeStatements(limits, now),
        actor(bound),
        ownCount(bound),
        listedOrganizations({ ...bound, slugs: JSON.stringify(listed.slugs) }),
        listedProjects({ ...bound, refs: JSON.stringify(listed.refs) }),
      ]);
      const taken = takenOf([hasTaken, states]);
      return { taken, actor: requireActor(actors), total: counted[0]?.total ?? 0, organizations, projects };
    },

    /** One round trip: the actor and one of its tokens. */
    async ownToken(
      credential: Credential,
      id: number,
      now: number,
    ): Promise<{ actor: Actor; token: AccessTokenRow | null }> {
      const bound = boundTo(credential, now);
      const [actors, tokens] = await database.read([actor(bound), ownById({ ...bound, id })]);
      return { actor: requireActor(actors), token: tokens[0] ?? null };
    },

    /** As `ownToken`, and takes one of the limits. */
    async tokenToRevoke(
      credential: Credential,
      id: number,
      limits: readonly Limit[],
      now: number,
    ): Promise<{ taken: Taken; actor: Actor; token: AccessTokenRow | null }> {
      const bound = boundTo(credential, now);
      const [hasTaken, states, actors, tokens] = await database.write([
        ...takeStatements(limits, now),
        actor(bound),
        ownById({ ...bound, id }),
      ]);
      return { taken: takenOf([hasTaken, states]), actor: requireActor(actors), token: tokens[0] ?? null };
    },

    /** One round trip. Null: the account has `maximum` tokens by now, or what the token lists is not its any more. */
    async addToken(
      token: NewAccessToken,
      limits: TokenLimits,
      maximum: number,
      audit: { actor: Actor; request: RequestInfo; details: AuditEntry['details'] },
    ): Promise<AccessTokenRow | null> {
      const { permissions, reach } = limits;
      const stillReached = isStillReached(token.accountId, reach);
      const [inserted, , , rows] = await database.write([
        change(
          `insert into access_tokens (account_id, name, hash, alias, created_at, expires_at, permissions, is_limited)
           select ?, ?, ?, ?, ?, ?, ?, ?
           where (select count(*) from access_tokens where account_id = ?) < ? and ${stillReached.sql}`,
          [
            ...insertArgs(token),
            permissions === null ? null : JSON.stringify(permissions),
            reach.length > 0 ? 1 : 0,
            token.accountId,
            maximum,
            ...stillReached.args,
          ],
        ),
        auditInsert(
          { organizationId: null, action: 'access-token.create', target: token.alias, details: audit.details ?? {} },
          { actor: accountActor(audit.actor), request: audit.request, at: token.createdAt },
        ),
        insertReach(token.hash, reach),
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
    async removeToken(
      token: Pick<AccessTokenRow, 'id' | 'alias' | 'name'>,
      audit: { actor: Actor; request: RequestInfo; at: number },
    ): Promise<boolean> {
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
