import type { RequestInfo } from '../deps.ts';
import { auditInsert } from './audit.ts';
import { change } from './change.ts';

export type VerifiedFactor = {
  factorId: string;
  challengeId: string;
  sessionId: string;
  accountId: string;
  step: number;
  refreshTokenHash: string;
  at: number;
  expiresAt: number;
};

/**
 * A second factor was shown: the session is of level aal2 from now on, with a refresh token of its own; the account's
 * sessions that are not, its other unverified factors and the session's earlier refresh tokens go. The first of them
 * tells by `rowsAffected` whether it happened: the challenge is answered once, a time step as well.
 */
export function raiseStatements(verified: VerifiedFactor, request: RequestInfo) {
  const { factorId, sessionId, accountId, at, refreshTokenHash: hash } = verified;
  const done = 'exists (select 1 from refresh_tokens where hash = ?)';
  const lesser = `account_id = ? and id <> ? and aal = 'aal1' and ${done}`;
  const others = `account_id = ? and status = 'unverified' and ${done}`;
  return [
    change(
      `delete from mfa_challenges where id = ? and factor_id = ?
         and exists (select 1 from mfa_factors where id = ? and account_id = ? and last_step < ?)
         and exists (select 1 from sessions where id = ? and account_id = ? and expires_at > ?)`,
      [verified.challengeId, factorId, factorId, accountId, verified.step, sessionId, accountId, at],
    ),
    change(`update mfa_factors set status = 'verified', last_step = ?, updated_at = ? where changes() = 1 and id = ?`, [
      verified.step,
      at,
      factorId,
    ]),
    change(
      `update sessions set aal = 'aal2', factor_verified_at = ?, refreshed_at = ?, expires_at = ?
       where changes() = 1 and id = ?`,
      [at, at, verified.expiresAt, sessionId],
    ),
    change('insert into refresh_tokens (hash, session_id, created_at) select ?, ?, ? where changes() = 1', [
      hash,
      sessionId,
      at,
    ]),
    auditInsert(
      {
        organizationId: null,
        action: 'mfa.verify',
        target: accountId,
        details: { factor: factorId, session: sessionId },
      },
      { actor: { kind: 'account', id: accountId }, request, at },
    ),
    change(`delete from refresh_tokens where session_id = ? and hash <> ? and ${done}`, [sessionId, hash, hash]),
    change(`delete from refresh_tokens where session_id in (select id from sessions where ${lesser})`, [
      accountId,
      sessionId,
      hash,
    ]),
    change(`delete from sessions where ${lesser}`, [accountId, sessionId, hash]),
    change(`delete from mfa_challenges where factor_id in (select id from mfa_factors where ${others})`, [
      accountId,
      hash,
    ]),
    change(`delete from mfa_factors where ${others}`, [accountId, hash]),
  ] as const;
}
