import type { RequestInfo } from '../deps.ts';
import { auditInsert } from './audit.ts';
import { insertCode, type NewCode } from './auth-codes.ts';
import { change } from './change.ts';
import type { Statement } from './db.ts';
import { type NewSession, startStatements } from './new-session.ts';
import type { OneTimeToken } from './one-time-tokens.ts';

/** What whoever proved to have got the mail is given: a session, or a code that its client exchanges for one. */
export type ProvedBy = { kind: 'session'; session: NewSession } | { kind: 'code'; code: NewCode };

type Changed = Statement<{ rowsAffected: number }>;

/**
 * The batch that uses a token up: all of it happens, or nothing but that the token is gone. Right behind the deletion
 * goes what it proves; what follows asks whether that is there.
 */
export function redemption(token: OneTimeToken, by: ProvedBy, request: RequestInfo) {
  const { at } = by.kind === 'session' ? by.session : by.code;
  const { id } = token.account;
  const actor = { kind: 'account', id } as const;
  const consume: Changed[] = [
    change(
      `delete from one_time_tokens where hash = ? and expires_at > ?
         and (kind = 'email_change' or email = (select email from accounts where id = account_id))`,
      [token.hash, at],
    ),
  ];
  if (token.kind === 'email_change') {
    consume.push(
      changeEmail(id, token.email, at),
      auditInsert({ organizationId: null, action: 'account.email-change', target: id }, { actor, request, at }),
    );
  }
  const given = by.kind === 'session' ? startStatements(by.session, request) : [insertCode(id, by.code)];
  const isGiven =
    by.kind === 'session'
      ? { sql: 'exists (select 1 from sessions where id = ?)', args: [by.session.id] }
      : { sql: 'exists (select 1 from auth_codes where hash = ?)', args: [by.code.hash] };
  const follow = [
    confirm(token, isGiven, at),
    auditInsert({ organizationId: null, action: 'account.confirm', target: id }, { actor, request, at }),
    // one mail was enough: what else was sent there is of no use any more
    change(`delete from one_time_tokens where account_id = ? and kind <> 'email_change' and ${isGiven.sql}`, [
      id,
      ...isGiven.args,
    ]),
  ];
  return {
    statements: [...consume, ...given, ...follow],
    isProved: (results: readonly { rowsAffected: number }[]) => results[consume.length]?.rowsAffected === 1,
  };
}

/** Right behind the token's deletion. */
function changeEmail(accountId: string, email: string, at: number): Changed {
  return change(
    `update accounts set email = ?, username = case when username = email then ? else username end,
                         email_confirmed_at = ?
     where changes() = 1 and id = ? and disabled_at is null and not exists (select 1 from accounts where email = ?)`,
    [email, email, at, accountId, email],
  );
}

/**
 * The address is confirmed. A password that somebody set before that stays only when it is the very sign-up that is
 * confirmed: whoever was sent another mail did not choose it.
 */
function confirm(token: OneTimeToken, isGiven: { sql: string; args: string[] }, at: number): Changed {
  return change(
    `update accounts set email_confirmed_at = ?, password_hash = case when ?2 = 1 then password_hash end,
                         user_metadata = case when ?2 = 1 then user_metadata else '{}' end
     where id = ? and email_confirmed_at is null and ${isGiven.sql}`,
    [at, token.kind === 'signup' ? 1 : 0, token.account.id, ...isGiven.args],
  );
}
