import { eq } from 'drizzle-orm';
import { accounts } from '../../schema/tables/accounts.ts';
import type { Actor, Credential, RequestInfo } from '../deps.ts';
import { userFields } from './account-fields.ts';
import type { AccountWithPassword } from './accounts.ts';
import { actorStatements, boundTo, credentialAccountId, requireActor } from './actor.ts';
import { accountActor, auditInsert } from './audit.ts';
import { change } from './change.ts';
import type { Database } from './db.ts';

type By = { actor: Actor; request: RequestInfo; at: number };

/** What people change of their own account. */
export function ownAccountStore(database: Database) {
  const actor = actorStatements(database);
  const own = database.prepare(
    database.orm
      .select({ ...userFields, passwordHash: accounts.passwordHash })
      .from(accounts)
      .where(eq(accounts.id, credentialAccountId)),
  );

  return {
    /** One round trip: the account with its password's hash; null when the credential does not live. */
    async ownSecrets(
      credential: Credential,
      now: number,
    ): Promise<{ actor: Actor; account: AccountWithPassword } | null> {
      const bound = boundTo(credential, now);
      const [actors, rows] = await database.read([actor(bound), own(bound)]);
      const [account] = rows;
      return actors.length === 0 || account === undefined ? null : { actor: requireActor(actors), account };
    },

    /**
     * One round trip: a new password in place of the one that was read, for as long as the session lives. Everything
     * else by which somebody is in, or could get in with an older mail, ends with it. False: something changed meanwhile.
     */
    async changePassword(
      input: { sessionId: string; passwordHash: string; nextHash: string },
      { actor, request, at }: { actor: Actor; request: RequestInfo; at: number },
    ): Promise<boolean> {
      const { accountId } = actor;
      const { sessionId, passwordHash, nextHash } = input;
      const isChanged = 'exists (select 1 from accounts where id = ? and password_hash = ?)';
      const others = `account_id = ? and id <> ? and ${isChanged}`;
      const [changed] = await database.write([
        change(
          `update accounts set password_hash = ? where id = ? and coalesce(password_hash, '') = ? and disabled_at is null
             and exists (select 1 from sessions where sessions.id = ? and sessions.expires_at > ?)`,
          [nextHash, accountId, passwordHash, sessionId, at],
        ),
        auditInsert(
          { organizationId: null, action: 'account.password-change', target: accountId },
          { actor: accountActor(actor), request, at },
        ),
        change(`delete from refresh_tokens where session_id in (select id from sessions where ${others})`, [
          accountId,
          sessionId,
          accountId,
          nextHash,
        ]),
        change(`delete from sessions where ${others}`, [accountId, sessionId, accountId, nextHash]),
        ...['one_time_tokens', 'auth_codes'].map((table) =>
          change(`delete from ${table} where account_id = ? and ${isChanged}`, [accountId, accountId, nextHash]),
        ),
      ]);
      return changed.rowsAffected === 1;
    },

    /** One round trip: metadata in place of what was read. False: it was changed meanwhile. */
    async changeMetadata(
      { before, next }: { before: string; next: string },
      { actor, request, at }: By,
    ): Promise<boolean> {
      const [changed] = await database.write([
        change('update accounts set user_metadata = ? where id = ? and user_metadata = ? and disabled_at is null', [
          next,
          actor.accountId,
          before,
        ]),
        auditInsert(
          { organizationId: null, action: 'account.metadata-change', target: actor.accountId },
          { actor: accountActor(actor), request, at },
        ),
      ]);
      return changed.rowsAffected === 1;
    },

    /** One round trip. `taken`: another account has the user name or the address. */
    async changeProfile(
      profile: { firstName: string; lastName: string; username: string; email: string },
      { actor, request, at }: By,
    ): Promise<'changed' | 'taken'> {
      const { firstName, lastName, username, email } = profile;
      const [changed] = await database.write([
        change(
          `update accounts set first_name = ?, last_name = ?, username = ?, email = ?
           where id = ? and disabled_at is null
             and not exists (select 1 from accounts as other where other.id <> accounts.id
                               and (other.email = ? or (other.username = ? and ? <> accounts.username)))`,
          [firstName, lastName, username, email, actor.accountId, email, username, username],
        ),
        auditInsert(
          { organizationId: null, action: 'account.profile-change', target: actor.accountId },
          { actor: accountActor(actor), request, at },
        ),
      ]);
      return changed.rowsAffected === 1 ? 'changed' : 'taken';
    },
  };
}
export type OwnAccountStore = ReturnType<typeof ownAccountStore>;
