import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemStore } from '../../../worker/store/system.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { type OwnDatabase, startOwnDatabase } from '../../support/own-database.ts';
import { createOrganization, createPerson, letters, type Person } from '../../support/people.ts';
import { recordStatements } from '../../support/query-plans.ts';
import { createAgent } from '../../support/test-agent.ts';

const dayMs = 24 * 60 * 60 * 1000;

describe('the tick', () => {
  let t: TestApp;
  let operator: Person;
  // the tick reaches every host there is, also those of suites that run at the same time
  let database: OwnDatabase;

  beforeAll(async () => {
    database = await startOwnDatabase();
  });
  afterAll(() => database.stop());
  beforeEach(async () => {
    t = database.use(await createTestApp({ config: { auditRetentionDays: 30 } }));
    operator = await createPerson(t, { isOperator: true });
  });

  const tick = (headers: HeadersInit = { authorization: 'Bearer tick' }) =>
    t.app.request('/tick', { method: 'POST', headers });
  const counts = async (): Promise<Record<string, number>> => {
    const response = await tick();
    expect(response.status).toBe(200);
    return (await response.json()) as Record<string, number>;
  };
  const rows = async (sql: string, ...args: (string | number)[]) => (await t.client.execute({ sql, args })).rows;

  test('is refused without its token, and is no route where none is configured', async () => {
    for (const headers of [{}, { authorization: 'Bearer tock' }, { authorization: 'tick' }, operator.headers]) {
      expect((await tick(headers)).status).toBe(401);
    }
    const other = await createTestApp({ config: { tickToken: null } });
    expect(
      (await other.app.request('/tick', { method: 'POST', headers: { authorization: 'Bearer null' } })).status,
    ).toBe(404);
  });

  test('is one round trip', async () => {
    t.roundTrips.reset();
    await counts();
    expect(t.roundTrips.count).toBe(1);
  });

  test('marks a host that fell silent once, with one audit row, until it speaks again', async () => {
    const agent = await createAgent(t, operator);
    await agent.report({});
    const lostAt = async () => (await rows('select lost_at from hosts where id = ?', agent.hostId))[0]?.lost_at;
    t.clock.advance(59_000);
    await counts();
    expect(await lostAt()).toBeNull();
    t.clock.advance(2_000);
    expect((await counts()).hosts_lost).toBe(1);
    expect(await lostAt()).toBe(t.clock.now());
    expect((await counts()).hosts_lost).toBe(0);
    const audited = await rows(
      "select actor_kind from audit_entries where target = ? and action = 'host.lost'",
      agent.hostId,
    );
    expect(audited.map((row) => row.actor_kind)).toEqual(['system']);
    await agent.report({ sequence: 2 });
    expect(await lostAt()).toBeNull();
  });

  test('marks a host lost that enrolled and never reported, and leaves revoked ones alone', async () => {
    const silent = await createAgent(t, operator);
    const revoked = await createAgent(t, operator);
    await t.client.execute({ sql: 'update hosts set revoked_at = 1 where id = ?', args: [revoked.hostId] });
    t.clock.advance(61_000);
    await counts();
    const found = await rows(
      'select id from hosts where id in (?, ?) and lost_at is not null',
      silent.hostId,
      revoked.hostId,
    );
    expect(found.map((row) => row.id)).toEqual([silent.hostId]);
  });

  test('removes what has expired, and nothing that has not', async () => {
    const now = t.clock.now();
    const marks = { old: letters(20), good: letters(20) };
    const person = await createPerson(t);
    const organization = await createOrganization(t, [{ person, role: 'Owner' }]);
    const insert = async (mark: string, expiresAt: number) => {
      await t.client.batch(
        [
          {
            sql: 'insert into sessions (id, account_id, aal, created_at, refreshed_at, expires_at) values (?, ?, ?, 0, 0, ?)',
            args: [mark, person.accountId, 'aal1', expiresAt],
          },
          {
            sql: `insert into accounts (id, number, email, password_hash, username, created_at)
                  select ?, max(number) + 1, ?, 'hash', ?, ? from accounts`,
            args: [`account-${mark}`, mark, mark, expiresAt - 30 * dayMs],
          },
          { sql: 'insert into refresh_tokens (hash, session_id, created_at) values (?, ?, 0)', args: [mark, mark] },
          {
            sql: "insert into access_tokens (account_id, name, hash, alias, created_at, expires_at) values (?, '', ?, '', 0, ?)",
            args: [person.accountId, mark, expiresAt],
          },
          {
            sql: 'insert into enrolment_tokens (hash, created_at, expires_at) values (?, 0, ?)',
            args: [mark, expiresAt],
          },
          {
            sql: `insert into audit_entries (at, actor_kind, actor_id, action, target, request_id, details)
                  values (?, 'system', '', 'test', ?, '', '{}')`,
            args: [expiresAt - 30 * dayMs, mark],
          },
          {
            sql: `insert into notifications (id, account_id, name, priority, data, created_at)
                  values (?, ?, 'test', 'Info', '{}', ?)`,
            args: [mark, person.accountId, expiresAt - 90 * dayMs],
          },
          {
            sql: `insert into invitations (organization_id, email, role, token_hash, invited_by, created_at, expires_at)
                  values (?, ?, 'Developer', ?, '', 0, ?)`,
            args: [organization.id, mark, mark, expiresAt - 90 * dayMs],
          },
          {
            sql: 'insert into rate_limits (key, hits, until, expires_at) values (?, 1, 0, ?)',
            args: [mark, expiresAt],
          },
          {
            sql: `insert into one_time_tokens (hash, account_id, kind, email, code_hash, created_at, expires_at)
                  values (?, ?, ?, '', '', 0, ?)`,
            args: [mark, person.accountId, mark === marks.old ? 'signup' : 'recovery', expiresAt],
          },
          {
            sql: `insert into oauth_flows (hash, provider, verifier, nonce, redirect_to, created_at, expires_at)
                  values (?, '', '', '', '', 0, ?)`,
            args: [mark, expiresAt],
          },
          {
            sql: `insert into auth_codes (hash, account_id, method, code_challenge, code_challenge_method, created_at,
                                          expires_at)
                  values (?, ?, 'otp', '', 'plain', 0, ?)`,
            args: [mark, person.accountId, expiresAt],
          },
          {
            sql: `insert into mfa_factors (id, account_id, friendly_name, status, secret, created_at, updated_at)
                  values (?, ?, '', 'unverified', '', 0, 0)`,
            args: [mark, person.accountId],
          },
          {
            sql: 'insert into mfa_challenges (id, factor_id, created_at, expires_at) values (?, ?, 0, ?)',
            args: [mark, mark, expiresAt],
          },
          {
            sql: `insert into cli_logins (session_id, encrypted_token, public_key, nonce, created_at, expires_at)
                  values (?, '', '', '', 0, ?)`,
            args: [mark, expiresAt],
          },
        ],
        'write',
      );
    };
    await insert(marks.old, now - 1);
    await insert(marks.good, now + 1_000);
    await t.client.execute({
      sql: "insert into access_tokens (account_id, name, hash, alias, created_at) values (?, 'for ever', ?, '', 0)",
      args: [person.accountId, letters(20)],
    });
    const done = await counts();
    for (const [name, count] of Object.entries(done)) {
      if (name !== 'hosts_lost') expect(count, name).toBeGreaterThanOrEqual(1);
    }
    for (const [table, column] of [
      ['accounts', 'username'],
      ['sessions', 'id'],
      ['refresh_tokens', 'hash'],
      ['access_tokens', 'hash'],
      ['enrolment_tokens', 'hash'],
      ['audit_entries', 'target'],
      ['notifications', 'id'],
      ['invitations', 'token_hash'],
      ['rate_limits', 'key'],
      ['one_time_tokens', 'hash'],
      ['oauth_flows', 'hash'],
      ['auth_codes', 'hash'],
      ['mfa_challenges', 'id'],
      ['cli_logins', 'session_id'],
    ]) {
      const left = await rows(
        `select ${column} as mark from ${table} where ${column} in (?, ?)`,
        marks.old,
        marks.good,
      );
      expect(
        left.map((row) => row.mark),
        table,
      ).toEqual([marks.good]);
    }
    expect(
      await rows("select 1 from access_tokens where account_id = ? and name = 'for ever'", person.accountId),
    ).toHaveLength(1);
  });

  test('removes sign-ups that nobody confirmed for a month, and tells the audit', async () => {
    const before = t.clock.now() - 30 * dayMs - 1;
    const add = async (columns: Record<string, string | number | null>) => {
      const id = letters(20);
      const row = { id, email: id, username: id, password_hash: 'hash', created_at: before, ...columns };
      await t.client.execute({
        sql: `insert into accounts (number, ${Object.keys(row).join(', ')})
              select max(number) + 1, ${Object.keys(row).fill('?').join(', ')} from accounts`,
        args: Object.values(row),
      });
      return id;
    };
    const gone = await add({});
    const left = {
      confirmed: await add({ email_confirmed_at: before }),
      younger: await add({ created_at: before + 10 }),
      invited: await add({ password_hash: null }),
      disabled: await add({ disabled_at: before }),
      'an operator': await add({ is_operator: 1 }),
      'asked for another mail': await add({}),
    };
    await t.client.execute({
      sql: `insert into one_time_tokens (hash, account_id, kind, email, code_hash, created_at, expires_at)
            values (?, ?, 'signup', '', '', 0, ?)`,
      args: [letters(20), left['asked for another mail'], t.clock.now() + 1],
    });
    expect((await counts()).accounts_removed).toBe(1);
    expect(await rows('select 1 from accounts where id = ?', gone)).toEqual([]);
    for (const [who, id] of Object.entries(left)) {
      expect(await rows('select 1 from accounts where id = ?', id), who).toHaveLength(1);
    }
    const targets = [gone, ...Object.values(left)].map((id) => `'${id}'`).join();
    const audited = await rows(
      `select target, actor_kind from audit_entries where action = 'account.expire' and target in (${targets})`,
    );
    expect(audited.map((row) => [row.target, row.actor_kind])).toEqual([[gone, 'system']]);
    t.roundTrips.reset();
    expect((await counts()).accounts_removed).toBe(0);
    expect(t.roundTrips.count).toBe(1);
  });

  test('works off a backlog in one run, a batch at a time', async () => {
    await t.client.execute({
      sql: `with recursive n(i) as (select 1 union all select i + 1 from n where i < 2500)
            insert into audit_entries (at, actor_kind, actor_id, action, target, request_id, details)
            select i, 'system', '', 'test', 'backlog', '', '{}' from n`,
      args: [],
    });
    t.roundTrips.reset();
    expect((await counts()).audit_entries_removed).toBeGreaterThanOrEqual(2500);
    expect(t.roundTrips.count).toBe(3);
    expect(await rows("select 1 from audit_entries where target = 'backlog'")).toHaveLength(0);
  });

  test('goes to what has expired by an index, however much there is that has not', async () => {
    const { database, plansOf } = recordStatements(t.client);
    const before = { lostBefore: 0, noticesBefore: 0, auditBefore: 0, unconfirmedBefore: 0 };
    const upkeep = { now: 1, ...before, limit: 10, requestId: 'test' };
    await systemStore(database).upkeep(upkeep);
    const plans = await plansOf(/^delete from/);
    expect(plans).toHaveLength(13);
    for (const plan of plans) {
      expect(plan).toMatch(/INDEX \w+_by_(expiry|time) /);
      expect(plan).not.toContain('SCAN');
    }
  });

  test('keeps the audit log whole where no retention is configured', async () => {
    const forever = database.use(await createTestApp({ config: { auditRetentionDays: null } }));
    const target = letters(20);
    await t.client.execute({
      sql: `insert into audit_entries (at, actor_kind, actor_id, action, target, request_id, details)
            values (1, 'system', '', 'test', ?, '', '{}')`,
      args: [target],
    });
    await forever.app.request('/tick', { method: 'POST', headers: { authorization: 'Bearer tick' } });
    expect(await rows('select 1 from audit_entries where target = ?', target)).toHaveLength(1);
  });
});
