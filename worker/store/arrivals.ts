import type { RequestInfo } from '../deps.ts';
import { insertAccount, type NewAccount } from './accounts.ts';
import { auditInsert } from './audit.ts';
import { insertCode, type NewCode } from './auth-codes.ts';
import { change } from './change.ts';
import type { Statement } from './db.ts';
import { type NewSession, startStatements } from './new-session.ts';

/** Who came back from an identity provider, and what is known of them here. */
export type Arrival = {
  identity: { id: string; provider: string; subject: string; email: string | null; data: string };
  accountId: string;
  /**
   * `known`: by this identity; `link`: the address is confirmed there and here; `claim`: nobody confirmed it here yet,
   * so whatever was set up before goes; `create`: nobody has the address
   */
  as: { kind: 'known' } | { kind: 'link' } | { kind: 'claim' } | { kind: 'create'; account: NewAccount };
  gets: { kind: 'session'; session: NewSession } | { kind: 'code'; code: NewCode };
  at: number;
};

type Changed = Statement<{ rowsAffected: number }>;

/**
 * The batch of an arrival: all of it or nothing. Each of the first statements asks for the one before; what follows asks
 * whether what was to be given is there.
 */
export function arrivalStatements(arrival: Arrival, request: RequestInfo) {
  const { accountId, gets } = arrival;
  const proof = identityStatements(arrival);
  const given: readonly Changed[] =
    gets.kind === 'session' ? startStatements(gets.session, request) : [insertCode(accountId, gets.code)];
  return {
    // the last of what is given changed one row when all of it did, which is what audit rows ask for
    statements: [...proof, ...given, ...auditRows(arrival, request), ...cleaning(arrival)],
    /** which of them tells by `rowsAffected` whether they are let in */
    decisive: proof.length,
  };
}

function identityStatements({ identity, accountId, as, at }: Arrival): Changed[] {
  const { id, provider, subject, email, data } = identity;
  if (as.kind === 'known') {
    return [
      change(
        `update identities set email = ?, data = ?, last_sign_in_at = ?
         where provider = ? and subject = ? and account_id = ?`,
        [email, data, at, provider, subject, accountId],
      ),
    ];
  }
  const insert = (condition: string) =>
    change(
      `insert into identities (id, account_id, provider, subject, email, data, created_at, last_sign_in_at)
     select ?, id, ?, ?, ?, ?, ?, ? from accounts
     where ${condition} and id = ? and email = ? and email_confirmed_at is not null and disabled_at is null
       and not exists (select 1 from identities where provider = ? and subject = ?)`,
      [id, provider, subject, email, data, at, at, accountId, email, provider, subject],
    );
  switch (as.kind) {
    case 'link':
      return [insert('true')];
    case 'claim':
      return [
        change(
          `update accounts set email_confirmed_at = ?, password_hash = null, user_metadata = '{}'
           where id = ? and email = ? and email_confirmed_at is null and disabled_at is null`,
          [at, accountId, email],
        ),
        insert('changes() = 1'),
      ];
    case 'create':
      return [
        insertAccount(as.account, 'not exists (select 1 from accounts where email = ?)', [as.account.email]),
        insert('changes() = 1'),
      ];
    default:
      return as satisfies never;
  }
}

function auditRows({ identity, accountId, as, at }: Arrival, request: RequestInfo): Changed[] {
  if (as.kind === 'known') return [];
  const by = { actor: { kind: 'account', id: accountId } as const, request, at };
  const details = { provider: identity.provider, identity: identity.id, claimed: as.kind === 'claim' };
  const linked = auditInsert({ organizationId: null, action: 'identity.link', target: accountId, details }, by);
  if (as.kind !== 'create') return [linked];
  return [
    auditInsert(
      {
        organizationId: null,
        action: 'account.create',
        target: accountId,
        details: { provider: identity.provider },
      },
      by,
    ),
    linked,
  ];
}

/** What somebody set up who never showed that the address is theirs must not let them in beside its owner. */
function cleaning({ identity, accountId, as, gets }: Arrival): Changed[] {
  if (as.kind !== 'claim') return [];
  const mine = `account_id = ? and exists (select 1 from identities where id = ? and identities.account_id = ?)`;
  const args = [accountId, identity.id, accountId];
  const session = gets.kind === 'session' ? gets.session.id : '';
  return [
    change(`delete from one_time_tokens where ${mine}`, args),
    change(`delete from refresh_tokens where session_id in (select id from sessions where ${mine} and id <> ?)`, [
      ...args,
      session,
    ]),
    change(`delete from sessions where ${mine} and id <> ?`, [...args, session]),
    change(`delete from access_tokens where ${mine}`, args),
    change(`delete from mfa_challenges where factor_id in (select id from mfa_factors where ${mine})`, args),
    change(`delete from mfa_factors where ${mine}`, args),
    change(
      `delete from identities where account_id = ? and id <> ? and exists (
              select 1 from identities as own where own.id = ? and own.account_id = ?)`,
      [accountId, identity.id, identity.id, accountId],
    ),
  ];
}
