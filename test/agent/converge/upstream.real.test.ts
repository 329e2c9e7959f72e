import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ConvergeOptions, converge } from '../../../agent/converge/converge.ts';
import { catalogDump, difference } from '../../support/catalog.ts';
import { outcome } from '../../support/converged.ts';
import type { TestPostgres } from '../../support/postgres.ts';
import { adminPassword, startUpstreamLike } from './upstream-image.ts';

const options: ConvergeOptions = {
  dbPassword: 'of the project',
  adminPassword,
  jwtExpirySeconds: 3600,
  services: { auth: true, storage: true, realtime: true },
  randomBytes,
};

let server: TestPostgres;
/** A session as the agent opens it in a container's database: over TCP, by password. */
let admin: Client;
let handedOver: string[];

beforeAll(async () => {
  server = await startUpstreamLike();
  admin = await server.asClient('supabase_admin', adminPassword);
  handedOver = await catalogDump(admin);
});
afterAll(() => server?.stop());

describe("a database made by upstream's image", () => {
  test('is accepted in one run, over TCP, and found in one query from then on', async () => {
    expect(await converge(admin, options)).toMatchObject({ ran: true });
    const before = await catalogDump(admin);
    let roundTrips = 0;
    const started = performance.now();
    const again = await converge(
      {
        query: (sql, params) => {
          roundTrips += 1;
          return admin.query(sql, params);
        },
      },
      options,
    );
    process.stdout.write(`nothing to do: ${roundTrips} query, ${Math.round(performance.now() - started)} ms\n`);

    expect({ ...again, roundTrips }).toEqual({ ran: false, passwords: [], roundTrips: 1 });
    expect(difference(before, await catalogDump(admin))).toEqual([]);
  });

  test('loses nothing that upstream relies on', async () => {
    // a role's line ends in its password; what is added to an access list or to settings comes behind what was there
    const attributes = (line: string) => line.replace(/ SCRAM-.*/, '');
    const now = (await catalogDump(admin)).map(attributes);

    const lost = handedOver.map(attributes).filter((line) => !now.some((kept) => kept.startsWith(line)));

    // postgres may grant on what it may use
    expect(lost).toEqual([expect.stringMatching(/^schema graphql_public .* postgres=U\/supabase_admin/)]);
  });

  test.each([
    [
      'nothing of ours fires on its extensions',
      "select evtname as it from pg_event_trigger where evtname ~ 'supafleet'",
      [],
    ],
    [
      'postgres owns no table of the services, as supautils lets it do what owners do',
      `select rolname as it from pg_roles where rolname ~ '_(auth|storage|realtime)_admin$' and pg_has_role('postgres', oid, 'usage')`,
      [],
    ],
    [
      'no extension was added',
      'select extname as it from pg_extension order by 1',
      [{ it: 'pg_stat_statements' }, { it: 'pgcrypto' }, { it: 'plpgsql' }, { it: 'uuid-ossp' }],
    ],
    [
      "the text of upstream's functions is upstream's",
      "select prosrc ~ '^ begin notify' as it from pg_proc where proname ~ '^pgrst_'",
      [{ it: true }, { it: true }],
    ],
    [
      'what upstream took from postgres stays taken',
      "select has_function_privilege('postgres', 'extensions.grant_pg_net_access()', 'execute with grant option') as it",
      [{ it: false }],
    ],
    [
      'realtime finds its schema',
      "select nspowner::regrole::text as it from pg_namespace where nspname = '_realtime'",
      [{ it: 'supabase_admin' }],
    ],
    ['tokens live as long as the project says', 'show "app.settings.jwt_exp"', [{ 'app.settings.jwt_exp': '3600' }]],
  ])('%s', async (_, sql, expected) => {
    const session = await server.asClient('supabase_admin', adminPassword);

    expect(await outcome(session, sql)).toEqual(expected);
  });
});

describe('what people did in it', () => {
  test.each([
    ['an extension they dropped', 'drop extension "uuid-ossp"'],
    [
      'a function of theirs that reloads the API',
      'create or replace function extensions.pgrst_drop_watch() returns ' +
        "event_trigger language plpgsql as 'begin end'",
    ],
    [
      'an API they locked down',
      'revoke all on schema public from anon, public; alter default privileges for role ' +
        'postgres in schema public revoke all on tables from anon',
    ],
  ])('stays: %s', async (_, statement) => {
    await admin.query(statement);
    await admin.query('comment on event trigger pgrst_ddl_watch is null');
    const before = await catalogDump(admin);

    expect(await converge(admin, options)).toMatchObject({ ran: true });

    expect(difference(before, await catalogDump(admin)).filter((line) => !line.includes('pgrst_ddl_watch'))).toEqual(
      [],
    );
  });
});

describe('the services of upstream', () => {
  test.each([
    [
      'auth',
      'supabase_auth_admin',
      `alter table auth.users rename column confirmed_at to email_confirmed_at;
       create table auth.identities (id uuid primary key, user_id uuid references auth.users (id));
       alter table auth.identities enable row level security;
       create type auth.aal_level as enum ('aal1', 'aal2');
       create or replace function auth.uid() returns uuid language sql stable as 'select null::uuid';
       create or replace function auth.jwt() returns jsonb language sql stable as 'select null::jsonb';
       insert into auth.schema_migrations values ('20990101000000');
       grant select on auth.users to postgres with grant option`,
    ],
    [
      'storage',
      'supabase_storage_admin',
      `create table if not exists storage.migrations (id integer primary key);
       create table if not exists storage.buckets (id text primary key);
       create unique index if not exists bname on storage.buckets (name);
       alter table storage.buckets add column public boolean default false;
       create or replace function storage.foldername(name text) returns text[] language sql as 'select null::text[]';
       create table storage.s3_multipart_uploads (id text primary key);
       revoke all on storage.s3_multipart_uploads from anon, authenticated;
       grant all on storage.buckets, storage.objects to postgres with grant option`,
    ],
    [
      'realtime',
      'supabase_admin',
      `create table _realtime.tenants (id uuid primary key);
       create table realtime.messages (id uuid, inserted_at timestamp) partition by range (inserted_at);
       alter table realtime.messages owner to supabase_realtime_admin;
       create table realtime.schema_migrations (version bigint primary key);
       revoke all on realtime.schema_migrations from postgres, dashboard_user`,
    ],
  ])("%s's migrations run, and what they made is not touched", async (_, role, migration) => {
    const service = await server.asClient(role, role === 'supabase_admin' ? adminPassword : options.dbPassword);
    await service.query(`begin; ${migration}; commit`);
    const before = await catalogDump(admin);

    expect(await converge(admin, options)).toMatchObject({ passwords: [] });

    const changed = difference(before, await catalogDump(admin)).filter((line) => !line.includes('pgrst_ddl_watch'));
    expect(changed).toEqual([]);
    expect(await converge(admin, options)).toEqual({ ran: false, passwords: [] });
  });

  test('one that changes the catalog at the same moment makes converge begin again, not fail', async () => {
    await admin.query('comment on event trigger pgrst_ddl_watch is null');
    let collisions = 0;
    const colliding = {
      query: async (sql: string, params?: unknown[]) => {
        if (sql.includes('create schema') && collisions < 2) {
          collisions += 1;
          throw Object.assign(new Error('tuple concurrently updated'), { code: 'XX000' });
        }
        return admin.query(sql, params);
      },
    };

    expect(await converge(colliding, options)).toMatchObject({ ran: true });
    expect(collisions).toBe(2);
  });

  test('grants of migrations that keep coming fail as little as converge does', async () => {
    const service = await server.asClient('supabase_admin', adminPassword);
    const answers: unknown[] = [];
    let done = false;
    const migrating = (async () => {
      while (!done) answers.push(await outcome(service, 'grant usage on schema realtime, storage, auth to anon'));
    })();

    for (let round = 0; round < 5; round += 1) {
      await admin.query('comment on event trigger pgrst_ddl_watch is null');
      expect(await converge(admin, options)).toMatchObject({ ran: true });
    }
    done = true;
    await migrating;

    expect(answers.length).toBeGreaterThan(5);
    expect(answers.filter((answer) => typeof answer === 'string')).toEqual([]);
  });
});

describe('passwords', () => {
  const users = [
    'postgres',
    'authenticator',
    'supabase_auth_admin',
    'supabase_storage_admin',
    'supabase_functions_admin',
    'supabase_replication_admin',
    'supabase_read_only_user',
    'supabase_realtime_admin',
    'pgbouncer',
  ];

  test('of all login roles of an old data directory change with the project, the superuser keeps its own', async () => {
    const rotated = await converge(admin, { ...options, dbPassword: 'another ünd längér one' });

    expect(rotated.passwords.toSorted()).toEqual(users.toSorted());
    for (const role of users) {
      const session = await server.asClient(role, 'another ünd längér one');
      expect(await outcome(session, 'select current_user as it')).toEqual([{ it: role }]);
      await expect(server.asClient(role, options.dbPassword)).rejects.toThrow('password authentication failed');
      await expect(server.asClient(role, adminPassword)).rejects.toThrow('password authentication failed');
    }
    await expect(server.asClient('supabase_admin', 'another ünd längér one')).rejects.toThrow('authentication failed');
    await expect(server.asClient('supabase_admin', adminPassword)).resolves.toBeDefined();
    expect(await converge(admin, options)).toMatchObject({ ran: false });
  });

  test("the superuser's is set when it is another one, and alone", async () => {
    const next = 'f0e1d2c3b4a5968778695a4b3c2d1e0f';

    expect(await converge(admin, { ...options, adminPassword: next })).toEqual({
      ran: false,
      passwords: ['supabase_admin'],
    });

    await expect(server.asClient('supabase_admin', adminPassword)).rejects.toThrow('password authentication failed');
    const session = await server.asClient('supabase_admin', next);
    expect(await converge(session, options)).toEqual({ ran: false, passwords: ['supabase_admin'] });
  });

  test('where the superuser logs in without one, it is left alone', async () => {
    expect(await converge(admin, { ...options, adminPassword: null })).toEqual({ ran: false, passwords: [] });
    await expect(server.asClient('supabase_admin', adminPassword)).resolves.toBeDefined();
  });

  test('a role without a use here gets none', async () => {
    await expect(server.asClient('supabase_etl_admin', options.dbPassword)).rejects.toThrow('authentication failed');
  });
});
