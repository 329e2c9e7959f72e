import { auditEach } from './audit.ts';
import { change } from './change.ts';
import type { Statement } from './db.ts';

type Affected = Statement<{ rowsAffected: number }>;

/**
 * Sign-ups that nobody confirmed, with an entry of each before it goes; whoever waits for a mail that was sent again is
 * left. What operators made or disabled is theirs to remove.
 */
export function unconfirmedAccounts(upkeep: {
  now: number;
  unconfirmedBefore: number;
  limit: number;
  requestId: string;
}): [Affected, Affected] {
  const { now, unconfirmedBefore, limit, requestId } = upkeep;
  const found = `(select id from accounts
    where email_confirmed_at is null and created_at < ? and password_hash is not null and disabled_at is null
      and is_operator = 0
      and not exists (select 1 from one_time_tokens as t where t.account_id = accounts.id and t.expires_at > ?)
    order by created_at limit ?)`;
  const args = [unconfirmedBefore, now, limit];
  return [
    auditEach(
      { action: 'account.expire', target: 'id', details: "'{}'" },
      { sql: found, args },
      { actor: { kind: 'system', id: 'tick' }, request: { id: requestId, address: null }, at: now },
    ),
    change(`delete from accounts where id in ${found}`, args),
  ];
}
