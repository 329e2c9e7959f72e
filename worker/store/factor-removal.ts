import type { Actor, RequestInfo } from '../deps.ts';
import { accountActor, auditInsert } from './audit.ts';
import { change } from './change.ts';
import type { Database } from './db.ts';

/** Taking second factors away. */
export function factorRemovalStore(database: Database) {
  return {
    /**
     * One round trip. When it was the last verified one, the account's sessions are of level aal1 from now on. False:
     * there is no such factor, or the session may not remove it any more.
     */
    async unenrol(
      removed: { factorId: string; accountId: string; sessionId: string; at: number },
      request: RequestInfo,
    ): Promise<boolean> {
      const { factorId, accountId, sessionId, at } = removed;
      const [deleted] = await database.write([
        change(
          `delete from mfa_factors where id = ? and account_id = ? and exists (
             select 1 from sessions where id = ? and expires_at > ? and (mfa_factors.status = 'unverified' or aal = 'aal2'))`,
          [factorId, accountId, sessionId, at],
        ),
        auditInsert(
          {
            organizationId: null,
            action: 'mfa.unenrol',
            target: accountId,
            details: { factor: factorId, session: sessionId },
          },
          { actor: { kind: 'account', id: accountId }, request, at },
        ),
        change('delete from mfa_challenges where factor_id = ? and factor_id not in (select id from mfa_factors)', [
          factorId,
        ]),
        change(
          `update sessions set aal = 'aal1', factor_verified_at = null where account_id = ? and aal = 'aal2'
             and not exists (select 1 from mfa_factors where account_id = ? and status = 'verified')`,
          [accountId, accountId],
        ),
      ]);
      return deleted.rowsAffected === 1;
    },

    /** One round trip: takes all factors of an account away and ends its sessions. False: it has none. */
    async reset(
      accountId: string,
      at: number,
      audit: { actor: Pick<Actor, 'accountId' | 'credential'>; request: RequestInfo },
    ): Promise<boolean> {
      const [found] = await database.write([
        change(
          `update accounts set last_sign_in_at = last_sign_in_at
           where id = ? and exists (select 1 from mfa_factors where account_id = ?)`,
          [accountId, accountId],
        ),
        auditInsert(
          { organizationId: null, action: 'mfa.reset', target: accountId },
          { actor: accountActor(audit.actor), request: audit.request, at },
        ),
        ...resetStatements(accountId),
      ]);
      return found.rowsAffected === 1;
    },
  };
}
export type FactorRemovalStore = ReturnType<typeof factorRemovalStore>;

/** Sessions first: they end only where there are factors to take away. */
function resetStatements(accountId: string) {
  return [
    change(
      `delete from refresh_tokens where session_id in (select id from sessions where account_id = ?)
         and exists (select 1 from mfa_factors where account_id = ?)`,
      [accountId, accountId],
    ),
    change('delete from sessions where account_id = ? and exists (select 1 from mfa_factors where account_id = ?)', [
      accountId,
      accountId,
    ]),
    change('delete from mfa_challenges where factor_id in (select id from mfa_factors where account_id = ?)', [
      accountId,
    ]),
    change('delete from mfa_factors where account_id = ?', [accountId]),
  ] as const;
}
