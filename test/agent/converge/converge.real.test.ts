import fc from 'fast-check';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ConvergeOptions, converge } from '../../../agent/converge/converge.ts';
import { catalogDump, difference } from '../../support/catalog.ts';
import { embeddedOptions, outcome } from '../../support/converged.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';

let postgres: TestPostgres;
let agent: Client;

beforeAll(async () => {
  postgres = await startPostgres({ settings: ['log_statement = all', 'log_min_duration_statement = 0'] });
  agent = await postgres.asAgent();
});
afterAll(() => postgres?.stop());

/** Runs converge and counts what it sends. */
async function counted(options: ConvergeOptions) {
  let roundTrips = 0;
  const started = performance.now();
  const result = await converge(
    {
      query: (sql, params) => {
        roundTrips += 1;
        return agent.query(sql, params);
      },
    },
    options,
  );
  const milliseconds = Math.round(performance.now() - started);
  process.stdout.write(`converge: ran=${result.ran}, ${roundTrips} round trips, ${milliseconds} ms\n`);
  return { ...result, roundTrips };
}

describe('on a bare cluster', () => {
  test('makes a Supabase database, and finds it in one query from then on', async () => {
    expect(await counted(embeddedOptions())).toMatchObject({ ran: true });
    const before = await catalogDump(agent);
    const lastWrite = await writes();

    expect(await counted(embeddedOptions())).toEqual({ ran: false, passwords: [], roundTrips: 1 });

    expect(difference(before, await catalogDump(agent))).toEqual([]);
    expect(await writes()).toBe(lastWrite);
  });

  test('a run that is forced over a settled database changes nothing in it', async () => {
    const before = await catalogDump(agent);
    await agent.query('comment on event trigger pgrst_ddl_watch is null');

    expect(await converge(agent, embeddedOptions())).toEqual({ ran: true, passwords: [] });

    expect(difference(before, await catalogDump(agent))).toEqual([]);
  });

  test('a run waits for nobody who is using the tables of the services', async () => {
    const [reader, writer] = [await postgres.asAgent(), await postgres.asAgent()];
    await reader.query('begin; select count(*) from storage.objects, auth.users, auth.sessions, realtime.messages');
    await writer.query(
      "begin; insert into auth.users (id) values (gen_random_uuid()); insert into storage.buckets (id, name) values ('b', 'b')",
    );
    await agent.query('comment on event trigger pgrst_ddl_watch is null');

    expect((await converge(agent, embeddedOptions())).ran).toBe(true);

    await Promise.all([reader.query('rollback'), writer.query('rollback')]);
  });

  test('two runs at once both succeed and one of them works', async () => {
    await agent.query('create database twice');
    const sessions = await Promise.all([postgres.asAgent('twice'), postgres.asAgent('twice')]);

    const results = await Promise.all(sessions.map((session) => converge(session, embeddedOptions())));

    expect(results.map((result) => result.ran).sort()).toEqual([false, true]);
  });

  test('a run that dies half-way leaves nothing behind', async () => {
    await agent.query('create database broken');
    const session = await postgres.asAgent('broken');
    const before = await catalogDump(session);
    const dies = {
      query: (sql: string, params?: unknown[]) =>
        sql.includes('storage.buckets') ? Promise.reject(new Error('connection lost')) : session.query(sql, params),
    };

    await expect(converge(dies, embeddedOptions())).rejects.toThrow('"storage": connection lost');

    expect(difference(before, await catalogDump(session))).toEqual([]);
  });
});

const damages: [what: string, statement: string][] = [
  ['a membership of the data API', 'revoke authenticated from authenticator'],
  ['a role, its grants and settings', 'drop owned by pgbouncer; drop role pgbouncer'],
  ['an attribute of a role', 'alter role service_role nobypassrls'],
  ['the demotion of postgres', 'alter role postgres superuser'],
  ['a function of policies', 'drop function auth.jwt()'],
  ['the text of one', "create or replace function auth.role() returns text language sql stable as 'select null::text'"],
  ['the owner of one', 'alter function storage.filename(text) owner to postgres'],
  ['a grant on a schema', 'revoke usage on schema storage from authenticated'],
  ['a grant on a table', 'revoke all on auth.identities from postgres'],
  [
    'what future tables grant',
    'alter default privileges for role supabase_auth_admin in schema auth revoke all on tables from postgres',
  ],
  ['the default of a column', 'alter table storage.objects alter column id drop default'],
  ['row level security', 'alter table auth.users disable row level security'],
  ['the owner of a table', 'alter table storage.buckets owner to dashboard_user'],
  ['a trigger', 'drop trigger protect_objects_delete on storage.objects'],
  ['an event trigger', 'drop event trigger pgrst_drop_watch'],
  ['the record itself', 'drop event trigger pgrst_ddl_watch'],
  ['a table nobody refers to', 'drop table auth.webauthn_challenges'],
  ['the publication', 'drop publication supabase_realtime'],
  ['an extension', 'drop extension "uuid-ossp"'],
  ['a setting of the database', 'alter database postgres reset "app.settings.jwt_exp"'],
];

describe('what goes missing comes back', () => {
  test.each(damages)('%s', async (_, damage) => {
    const before = await catalogDump(agent);
    await agent.query(damage);
    expect(difference(before, await catalogDump(agent))).not.toEqual([]);

    expect((await converge(agent, embeddedOptions())).ran).toBe(true);

    expect(difference(before, await catalogDump(agent)).filter(isOfAnotherPassword)).toEqual([]);
    expect((await converge(agent, embeddedOptions())).ran).toBe(false);
  });

  test('whatever goes missing together', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(damages, { minLength: 2 }), async (several) => {
        const before = await catalogDump(agent);
        for (const [, damage] of several) await agent.query(damage);

        await converge(agent, embeddedOptions());

        expect(difference(before, await catalogDump(agent)).filter(isOfAnotherPassword)).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });

  /** A role made anew has a verifier with a salt of its own, and the record names the new state. */
  function isOfAnotherPassword(line: string): boolean {
    return !/^. (role pgbouncer|event trigger pgrst_ddl_watch)/.test(line);
  }
});

describe('what people decided stays', () => {
  test.each([
    ['a timeout they set', "alter role authenticated set statement_timeout = '21s'"],
    ['a limit of the data API', "alter role authenticator set pgrst.db_max_rows = '7'"],
  ])('%s', async (_, statement) => {
    await agent.query(statement);
    const before = await catalogDump(agent);

    await converge(agent, embeddedOptions());

    expect(difference(before, await catalogDump(agent)).filter((line) => !line.includes('pgrst_ddl_watch'))).toEqual(
      [],
    );
  });

  test('a database they made read-only is prepared all the same, and read-only for them', async () => {
    await agent.query(`alter database postgres set default_transaction_read_only = on;
      comment on event trigger pgrst_ddl_watch is null`);
    const session = await postgres.asAgent();

    expect((await converge(session, embeddedOptions())).ran).toBe(true);

    expect(await outcome(session, 'create table public.refused ()')).toMatch('read-only transaction');
    await agent.query('alter database postgres reset default_transaction_read_only');
  });

  test('defaults of their sessions that would stop us do not', async () => {
    await agent.query(`alter database postgres set role = 'anon'; alter database postgres set statement_timeout = '5ms';
      comment on event trigger pgrst_ddl_watch is null`);
    const session = await postgres.asAgent();

    expect((await converge(session, embeddedOptions())).ran).toBe(true);
    expect(await converge(session, embeddedOptions())).toEqual({ ran: false, passwords: [] });

    await agent.query('alter database postgres reset role; alter database postgres reset statement_timeout');
  });

  test('an API they locked down is not opened again', async () => {
    await agent.query(`
      alter default privileges for role postgres in schema public revoke all on tables from anon;
      alter default privileges for role postgres in schema public revoke all on functions from anon, authenticated;
      revoke usage on schema public from anon, public;
      comment on event trigger pgrst_ddl_watch is null`);
    const before = await catalogDump(agent);

    expect((await converge(agent, embeddedOptions())).ran).toBe(true);

    expect(difference(before, await catalogDump(agent)).filter((line) => !line.includes('pgrst_ddl_watch'))).toEqual(
      [],
    );
    expect((await agent.query("select has_schema_privilege('anon', 'public', 'usage') as it")).rows).toEqual([
      { it: false },
    ]);
  });
});

describe('passwords', () => {
  test('a new one opens sessions at once, the old one no more, and the superuser takes neither', async () => {
    await converge(agent, embeddedOptions({ dbPassword: 'the old one' }));
    const rotated = await converge(agent, embeddedOptions({ dbPassword: 'the new öne' }));

    expect(rotated).toMatchObject({ ran: false });
    for (const role of ['postgres', 'authenticator', 'supabase_auth_admin', 'supabase_storage_admin', 'pgbouncer']) {
      expect(rotated.passwords).toContain(role);
      const session = await postgres.asClient(role, 'the new öne');
      expect(await outcome(session, 'select current_user as me')).toEqual([{ me: role }]);
      await expect(postgres.asClient(role, 'the old one')).rejects.toThrow('password authentication failed');
    }
    await expect(postgres.asClient('supabase_admin', 'the new öne')).rejects.toThrow('pg_hba.conf rejects');
  });

  test('one that somebody changed in the database is set back', async () => {
    await agent.query("alter role authenticator password 'something else'");

    expect(await converge(agent, embeddedOptions({ dbPassword: 'the new öne' }))).toEqual({
      ran: false,
      passwords: ['authenticator'],
    });
  });

  test('neither they nor their verifiers are written to the log, even when it holds every statement', async () => {
    await converge(agent, embeddedOptions({ dbPassword: 'never-in-a-log' }));
    const { rows } = await agent.query<{ rolpassword: string }>(
      "select rolpassword from pg_authid where rolname = 'postgres'",
    );
    const salt = rows[0]?.rolpassword.split('$')[1]?.split(':')[1] ?? 'missing';

    expect(postgres.log()).toContain('create table auth.users');
    expect(postgres.log()).not.toContain('never-in-a-log');
    expect(salt).toHaveLength(24);
    expect(statements(postgres.log())).not.toContain(salt);
  });

  /** Values bound to parameters are logged as such; a password in the text of a statement is what must not happen. */
  function statements(log: string): string {
    return log
      .split('\n')
      .filter((line) => !/DETAIL:\s+Parameters:/i.test(line))
      .join('\n');
  }
});

describe('where services run', () => {
  test('their schema is theirs: only what their migrations start from is made', async () => {
    await agent.query('create database services');
    const session = await postgres.asAgent('services');
    const services = { auth: true, storage: true, realtime: true };

    await converge(session, embeddedOptions({ services }));

    const { rows } = await session.query<{ name: string }>(
      `select concat(relnamespace::regnamespace, '.', relname) as name from pg_class where relkind in ('r', 'p')
       and relnamespace in ('auth'::regnamespace, 'storage'::regnamespace, 'realtime'::regnamespace) order by 1`,
    );
    expect(rows.map((row) => row.name)).toEqual([
      'auth.audit_log_entries',
      'auth.instances',
      'auth.refresh_tokens',
      'auth.schema_migrations',
      'auth.users',
      'storage.buckets',
      'storage.migrations',
      'storage.objects',
    ]);
  });

  test('what their migrations made of it is not touched', async () => {
    const session = await postgres.asAgent('services');
    await session.query(`
      alter table auth.users rename column confirmed_at to email_confirmed_at;
      alter table storage.buckets add column public boolean default false;
      create or replace function auth.uid() returns uuid language sql stable as 'select null::uuid';
      comment on event trigger pgrst_ddl_watch is null`);
    const before = await catalogDump(session);

    await converge(session, embeddedOptions({ services: { auth: true, storage: true, realtime: true } }));

    expect(difference(before, await catalogDump(session)).filter((line) => !line.includes('pgrst_ddl_watch'))).toEqual(
      [],
    );
  });
});

test('a nonsensical token lifetime is refused before anything is sent', async () => {
  for (const jwtExpirySeconds of [0, -1, 1.5, Number.NaN]) {
    await expect(counted(embeddedOptions({ jwtExpirySeconds }))).rejects.toThrow('jwtExpirySeconds');
  }
});

/** How many transactions wrote so far. */
async function writes(): Promise<string> {
  const { rows } = await agent.query<{ next: string }>('select pg_snapshot_xmax(pg_current_snapshot())::text as next');
  return rows[0]?.next ?? 'none';
}
