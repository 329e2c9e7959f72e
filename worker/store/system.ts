import { auditEach } from './audit.ts';
import { change } from './change.ts';
import type { Database, Statement } from './db.ts';
import { expiredProofs } from './expired-proofs.ts';
import { hostLostNotices } from './host-notices.ts';
import { isSilent } from './silent-hosts.ts';
import { unconfirmedAccounts } from './unconfirmed-accounts.ts';

export type Upkeep = {
  now: number;
  /** hosts whose last report is older are lost */
  lostBefore: number;
  /** audit entries older than this go; null: all stay */
  auditBefore: number | null;
  /** notifications, and invitations that expired, go when they are older */
  noticesBefore: number;
  /** sign-ups that nobody confirmed go when they are older */
  unconfirmedBefore: number;
  /** most rows removed of one kind */
  limit: number;
  requestId: string;
};

export type UpkeepCounts = {
  hostsLost: number;
  sessionsRemoved: number;
  enrolmentTokensRemoved: number;
  accessTokensRemoved: number;
  auditEntriesRemoved: number;
  notificationsRemoved: number;
  invitationsRemoved: number;
  /** sign-ups that nobody confirmed */
  accountsRemoved: number;
  /** limits at rest */
  limitsRemoved: number;
  /** links, codes and challenges that nobody used */
  proofsRemoved: number;
};

/** `chainsToCut`: organizations with chained entries that are too old; those go from the beginning of the chain only. */
export type UpkeepDone = { counts: UpkeepCounts; chainsToCut: number[] };

/** What no request triggers. */
export function systemStore(database: Database) {
  return {
    /** One round trip; run twice, the second does nothing. Refresh tokens go with their sessions. */
    async upkeep(upkeep: Upkeep): Promise<UpkeepDone> {
      const { now, limit, auditBefore } = upkeep;
      const [
        ,
        ,
        ,
        lost,
        sessions,
        enrolmentTokens,
        accessTokens,
        auditEntries,
        notifications,
        invitations,
        chainsToCut,
        limits,
        ,
        accounts,
        ...proofs
      ] = await database.write([
        ...hostLostNotices(upkeep),
        auditEach(
          { action: 'host.lost', target: 'id', details: "json_object('name', name)" },
          { sql: `hosts where ${isSilent}`, args: [upkeep.lostBefore] },
          { actor: { kind: 'system', id: 'tick' }, request: { id: upkeep.requestId, address: null }, at: now },
        ),
        markLost(upkeep),
        change(
          'delete from sessions where id in (select id from sessions where expires_at <= ? order by expires_at limit ?)',
          [now, limit],
        ),
        change(
          `delete from enrolment_tokens where hash in (
             select hash from enrolment_tokens where expires_at <= ? order by expires_at limit ?)`,
          [now, limit],
        ),
        change(
          `delete from access_tokens where id in (
             select id from access_tokens where expires_at <= ? order by expires_at limit ?)`,
          [now, limit],
        ),
        change(
          `delete from audit_entries where id in (
             select id from audit_entries where at < ? and sequence is null order by at limit ?)`,
          [auditBefore ?? 0, limit],
        ),
        change(
          `delete from notifications where id in (
             select id from notifications where created_at < ? order by created_at limit ?)`,
          [upkeep.noticesBefore, limit],
        ),
        change(
          'delete from invitations where id in (select id from invitations where expires_at < ? order by expires_at limit ?)',
          [upkeep.noticesBefore, limit],
        ),
        oldChains(auditBefore ?? 0, limit),
        change(
          `delete from rate_limits where key in (
             select key from rate_limits where expires_at <= ? order by expires_at limit ?)`,
          [now, limit],
        ),
        ...unconfirmedAccounts(upkeep),
        ...expiredProofs(upkeep),
      ]);
      const counts = {
        hostsLost: lost.rowsAffected,
        sessionsRemoved: sessions.rowsAffected,
        enrolmentTokensRemoved: enrolmentTokens.rowsAffected,
        accessTokensRemoved: accessTokens.rowsAffected,
        auditEntriesRemoved: auditEntries.rowsAffected,
        notificationsRemoved: notifications.rowsAffected,
        invitationsRemoved: invitations.rowsAffected,
        accountsRemoved: accounts.rowsAffected,
        limitsRemoved: limits.rowsAffected,
        proofsRemoved: proofs.reduce((sum, { rowsAffected }) => sum + rowsAffected, 0),
      };
      return { counts, chainsToCut };
    },
  };
}
export type SystemStore = ReturnType<typeof systemStore>;

function markLost({ now, lostBefore }: Upkeep): Statement<{ rowsAffected: number }> {
  return change(`update hosts set lost_at = ? where ${isSilent}`, [now, lostBefore]);
}

function oldChains(auditBefore: number, limit: number): Statement<number[]> {
  return {
    sql: `select distinct organization_id from (
            select organization_id from audit_entries where at < ? and sequence is not null order by at limit ?)`,
    args: [auditBefore, limit],
    decode: ({ rows }) => rows.map((row) => Number(row[0])),
  };
}
