import type { RequestInfo } from '../deps.ts';
import { insertArgs, type NewAccessToken } from './access-tokens.ts';
import { insertAccount, type NewAccount } from './accounts.ts';
import { type AuditActor, auditInsert } from './audit.ts';
import { change } from './change.ts';
import type { Database } from './db.ts';
import { firstEntry } from './organizations.ts';

type FirstStart = {
  account: NewAccount;
  organization: { slug: string; name: string };
  accessToken: NewAccessToken;
  enrolmentToken: { hash: string; expiresAt: number };
};

const by: AuditActor = { kind: 'system', id: 'bootstrap' };

/** What exists once in a control plane's life. */
export function bootstrapStore(database: Database) {
  return {
    /** One round trip. */
    async hasAccounts(): Promise<boolean> {
      const [rows] = await database.read([
        { sql: 'select 1 from accounts limit 1', args: [], decode: (set): number => set.rows.length },
      ]);
      return rows > 0;
    },

    /** One round trip: everything, or nothing when there is an account already (false). */
    async firstStart(first: FirstStart, request: RequestInfo): Promise<boolean> {
      const { account, organization, accessToken, enrolmentToken } = first;
      const at = account.createdAt;
      // the account's id is new, so that it is there says that this very batch made it
      const made = 'exists (select 1 from accounts where id = ?)';
      const [inserted] = await database.write([
        insertAccount(account, 'not exists (select 1 from accounts)', []),
        auditInsert({ organizationId: null, action: 'account.create', target: account.id }, { actor: by, request, at }),
        change(`insert into organizations (slug, name, created_at) select ?, ?, ? where ${made}`, [
          organization.slug,
          organization.name,
          at,
          account.id,
        ]),
        auditInsert(firstEntry(organization), { actor: by, request, at }),
        change(
          `insert into memberships (organization_id, account_id, role, created_at)
           select o.id, ?, 'Owner', ? from organizations o where o.slug = ? and ${made}`,
          [account.id, at, organization.slug, account.id],
        ),
        change(
          `insert into access_tokens (account_id, name, hash, alias, created_at, expires_at)
           select ?, ?, ?, ?, ?, ? where ${made}`,
          [...insertArgs(accessToken), account.id],
        ),
        auditInsert(
          {
            organizationId: null,
            action: 'access-token.create',
            target: accessToken.alias,
            details: { name: accessToken.name },
          },
          { actor: by, request, at },
        ),
        change(
          `insert into enrolment_tokens (hash, created_by, created_at, expires_at) select ?, ?, ?, ? where ${made}`,
          [enrolmentToken.hash, account.id, at, enrolmentToken.expiresAt, account.id],
        ),
        auditInsert(
          { organizationId: null, action: 'enrolment-token.create', target: enrolmentToken.hash.slice(0, 12) },
          { actor: by, request, at },
        ),
      ]);
      return inserted.rowsAffected === 1;
    },
  };
}
export type BootstrapStore = ReturnType<typeof bootstrapStore>;
