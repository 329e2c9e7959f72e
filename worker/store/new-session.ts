import type { RequestInfo } from '../deps.ts';
import { auditInsert } from './audit.ts';
import { change } from './change.ts';

export type NewSession = {
  id: string;
  accountId: string;
  method: 'password' | 'otp' | 'oauth';
  /** SHA-256 of its first refresh token, hex */
  refreshTokenHash: string;
  at: number;
  expiresAt: number;
};

/**
 * Starts a session right behind a statement that proves somebody is who they say: when that changed exactly one row.
 * The account has to be one that may sign in. The first of them tells by `rowsAffected` whether there is a session now.
 */
export function startStatements(session: NewSession, request: RequestInfo) {
  const { id, accountId, at } = session;
  return [
    change(
      `insert into sessions (id, account_id, aal, method, created_at, refreshed_at, expires_at, address, user_agent)
       select ?, id, 'aal1', ?, ?, ?, ?, ?, ? from accounts where changes() = 1 and id = ? and disabled_at is null`,
      [id, session.method, at, at, session.expiresAt, request.address, request.userAgent, accountId],
    ),
    auditInsert(
      {
        organizationId: null,
        action: 'account.sign-in',
        target: accountId,
        details: { session: id, method: session.method },
      },
      { actor: { kind: 'account', id: accountId }, request, at },
    ),
    change('insert into refresh_tokens (hash, session_id, created_at) select ?, id, ? from sessions where id = ?', [
      session.refreshTokenHash,
      at,
      id,
    ]),
    change(
      'update accounts set last_sign_in_at = ? where id = ? and exists (select 1 from sessions where sessions.id = ?)',
      [at, accountId, id],
    ),
  ] as const;
}
