import type { AuditEntry } from '../../schema/audit-entry.ts';
import type { Role } from '../../schema/roles.ts';
import type { Actor, RequestInfo } from '../deps.ts';
import { accountActor, auditInsert } from './audit.ts';
import { change } from './change.ts';
import type { Database, Statement } from './db.ts';
import { areProjectsOf, type Condition, type Decider } from './member-guard.ts';
import { type Notice, notify } from './notices.ts';

type By = { actor: Actor; request: RequestInfo; entry: AuditEntry; at: number };
type Affected = Statement<{ rowsAffected: number }>;

export type NewInvitation = {
  organizationId: number;
  email: string;
  role: Role;
  refs: readonly string[];
  tokenHash: string;
  expiresAt: number;
  /** for the account with that address, if there is one */
  notice: Notice & { id: string };
};

/** Changes of invitations. One round trip each. */
export function invitationChangeStore(database: Database) {
  return {
    /**
     * Invites an address that is no member and has no open invitation, while the one who invites is what it was and the
     * refs are projects of the organization; an expired invitation makes way. Returns its id; null: nothing was done.
     */
    async invite(invitation: NewInvitation, by: By & { decider: Decider }): Promise<number | null> {
      const [ids] = await database.write([
        insert(invitation, by),
        audited(by),
        notify(
          { ...invitation.notice, at: by.at },
          {
            sql: 'email = ? and exists (select 1 from invitations where token_hash = ?)',
            args: [invitation.email, invitation.tokenHash],
          },
        ),
      ]);
      return ids[0] ?? null;
    },

    /**
     * Makes the account a member as the invitation says, and ends that. False: it is not there any more, has expired or
     * is for another address, all its projects are gone, or the account is a member already.
     */
    async accept(
      invitation: { organizationId: number; tokenHash: string },
      by: By & { notice: Notice & { id: string }; inviter: string },
    ): Promise<boolean> {
      const { organizationId, tokenHash } = invitation;
      const { accountId } = by.actor;
      const joined: Condition = {
        sql: 'exists (select 1 from memberships where organization_id = ? and account_id = ? and created_at = ?)',
        args: [organizationId, accountId, by.at],
      };
      const [joining] = await database.write([
        change(
          `insert into memberships (organization_id, account_id, role, created_at)
           select i.organization_id, a.id, case when i.refs = '[]' then i.role else 'Project-scoped' end, ?
           from invitations as i join accounts as a on a.email = i.email
           where i.token_hash = ? and i.organization_id = ? and i.expires_at > ? and a.id = ?
             and a.email_confirmed_at is not null and a.disabled_at is null
             and (i.refs = '[]' or exists (${livingProjects}))
             and not exists (select 1 from memberships as m where m.organization_id = i.organization_id and m.account_id = a.id)`,
          [by.at, tokenHash, organizationId, by.at, accountId],
        ),
        audited(by),
        change(
          `insert into project_roles (account_id, organization_id, ref, role, created_at)
           select ?, i.organization_id, p.ref, i.role, ? from invitations as i
           join projects as p on p.organization_id = i.organization_id and p.ref in (select value from json_each(i.refs))
           where i.token_hash = ? and i.organization_id = ? and ${joined.sql}`,
          [accountId, by.at, tokenHash, organizationId, ...joined.args],
        ),
        notify(
          { ...by.notice, at: by.at },
          {
            sql: `id = ? and exists (select 1 from invitations where token_hash = ?) and ${joined.sql}`,
            args: [by.inviter, tokenHash, ...joined.args],
          },
        ),
        change(`delete from invitations where token_hash = ? and organization_id = ? and ${joined.sql}`, [
          tokenHash,
          organizationId,
          ...joined.args,
        ]),
      ]);
      return joining.rowsAffected === 1;
    },

    /** False: it was accepted, declined or revoked meanwhile. */
    async end(id: number, by: By): Promise<boolean> {
      const [ended] = await database.write([change('delete from invitations where id = ?', [id]), audited(by)]);
      return ended.rowsAffected === 1;
    },
  };
}
export type InvitationChangeStore = ReturnType<typeof invitationChangeStore>;

const livingProjects = `select 1 from projects as p
  where p.organization_id = i.organization_id and p.ref in (select value from json_each(i.refs))`;

function insert(
  { organizationId, email, role, refs, tokenHash, expiresAt }: NewInvitation,
  { decider, at }: { decider: Decider; at: number },
): Statement<number[]> {
  const areProjects = areProjectsOf(organizationId, refs);
  return {
    sql: `insert into invitations (organization_id, email, role, refs, token_hash, invited_by, created_at, expires_at)
      select ?, ?, ?, ?, ?, ?, ?, ?
      where exists (select 1 from memberships where organization_id = ? and account_id = ? and role = ?)
        and ${areProjects.sql}
        and not exists (select 1 from memberships as m join accounts as a on a.id = m.account_id
                        where m.organization_id = ? and a.email = ?)
      on conflict (organization_id, email) do update set
        role = excluded.role, refs = excluded.refs, token_hash = excluded.token_hash,
        invited_by = excluded.invited_by, created_at = excluded.created_at, expires_at = excluded.expires_at
      where invitations.expires_at <= excluded.created_at
      returning id`,
    args: [
      ...[organizationId, email, role, JSON.stringify(refs), tokenHash, decider.accountId, at, expiresAt],
      ...[organizationId, decider.accountId, decider.role],
      ...areProjects.args,
      ...[organizationId, email],
    ],
    decode: ({ rows }) => rows.map((row) => Number(row.id)),
  };
}

function audited({ entry, actor, request, at }: By): Affected {
  return auditInsert(entry, { actor: accountActor(actor), request, at });
}
