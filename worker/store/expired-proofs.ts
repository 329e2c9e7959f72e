import { change } from './change.ts';

/** What people prove who they are with once, by the key of each table: of no use when its time is over. */
const proofs = {
  one_time_tokens: 'hash',
  oauth_flows: 'hash',
  auth_codes: 'hash',
  mfa_challenges: 'id',
  cli_logins: 'session_id',
} as const;

/** Removes those whose time is over, at most `limit` of each kind. */
export function expiredProofs({ now, limit }: { now: number; limit: number }) {
  return Object.entries(proofs).map(([table, key]) =>
    change(
      `delete from ${table} where ${key} in (
         select ${key} from ${table} where expires_at <= ? order by expires_at limit ?)`,
      [now, limit],
    ),
  );
}
