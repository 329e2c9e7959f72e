import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProjectGateway } from '../../../worker/project-gateway.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { contractMissing, loadContract } from '../../support/contract.ts';
import { type LiveProject, startLiveProject } from '../../support/live-project.ts';
import { createHost, createOrganization, createPerson, createProject, type Person } from '../../support/people.ts';
import { portBlock } from '../../support/port-block.ts';

describe("SQL in a project's own database", () => {
  let t: TestApp;
  let live: LiveProject;
  let owner: Person;
  let reader: Person;
  let stranger: Person;
  let ref: string;

  beforeAll(async () => {
    t = await createTestApp({ projectGateway: createProjectGateway((request) => fetch(request)) });
    [owner, reader, stranger] = await Promise.all([createPerson(t), createPerson(t), createPerson(t)]);
    const organization = await createOrganization(t, [
      { person: owner, role: 'Owner' },
      { person: reader, role: 'Read-only' },
    ]);
    ref = (await createProject(t, organization, await createHost(t))).ref;
    live = await startLiveProject(t, ref, await portBlock());
  });
  afterAll(() => live.stop());

  const request = (path: string, person: Person, init: { method?: string; body?: unknown } = {}) =>
    t.app.request(path, {
      method: init.method ?? 'GET',
      headers: {
        ...person.headers,
        'content-type': 'application/json',
        'x-connection-encrypted': 'whatever',
        'x-pg-application-name': 'supabase/dashboard-query-editor',
      },
      ...(init.body !== undefined && { body: JSON.stringify(init.body) }),
    });
  const sql = async (query: string, more: Record<string, unknown> = {}, person = owner) => {
    const response = await request(`/platform/pg-meta/${ref}/query?key=test&request_id=1`, person, {
      method: 'POST',
      body: { query, disable_statement_timeout: false, ...more },
    });
    return { status: response.status, body: await response.json() };
  };

  const setState = async (power: string, phase: string) => {
    await t.client.execute({ sql: 'update projects set power = ? where ref = ?', args: [power, ref] });
    // on its way up for the first time since the last change
    const sql = 'update observations set phase = ?, healthy_generation = null where ref = ?';
    await t.client.execute({ sql, args: [phase, ref] });
  };

  test('runs several statements in one session and answers the last rows', async () => {
    expect(
      await sql(`create function pg_temp.twice(n int) returns int language sql as 'select n * 2';
                 select 1 as first; select pg_temp.twice(21) as answer, current_setting('application_name') as name`),
    ).toEqual({ status: 201, body: [{ answer: 42, name: 'supabase/dashboard-query-editor' }] });
    expect(await sql('select 1 where false')).toEqual({ status: 201, body: [] });
    expect(await sql('select $1::int + 1 as sum', { parameters: [41] })).toEqual({ status: 201, body: [{ sum: 42 }] });
  });

  test('runs as the owner of the database, who is no superuser', async () => {
    expect((await sql('select current_user as me, rolsuper from pg_roles where rolname = current_user')).body).toEqual([
      { me: 'postgres', rolsuper: false },
    ]);
  });

  test("answers Postgres's own errors as Studio reads them", async () => {
    const { status, body } = await sql('select *\nfrom missing');
    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: '42P01',
      position: '15',
      severity: 'ERROR',
      message:
        'Failed to run sql query: ERROR:  42P01: relation "missing" does not exist\nLINE 2: from missing\n             ^',
    });
    expect(body.formattedError).toContain('LINE 2: from missing');
  });

  test('lets a statement that refuses company run, whatever the limit', async () => {
    await sql('create table kept (id int primary key)');
    for (const disable of [true, false]) {
      for (const statement of ['vacuum kept', ' create index concurrently if not exists kept_id on kept (id)']) {
        expect(await sql(statement, { disable_statement_timeout: disable })).toEqual({ status: 201, body: [] });
      }
    }
    expect(
      (await sql("select current_setting('statement_timeout') as t", { disable_statement_timeout: true })).body,
    ).toEqual([{ t: '140s' }]);
  });

  test('ends a statement that runs past its limit, with an answer that says so', async () => {
    const { status, body } = await sql("set statement_timeout = '200ms'; select pg_sleep(5)");
    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: '57014',
      message: expect.stringContaining('canceling statement due to statement timeout'),
    });
  });

  test('refuses what is no SQL by the name of the field, and more than 1 MB of it', async () => {
    for (const query of ['', 1, null, undefined, ['select 1'], 'select \0']) {
      const { status, body } = await sql('', { query });
      expect([status, body.message]).toEqual([400, expect.stringContaining('query')]);
    }
    expect(await sql(`select '${'x'.repeat(1024 * 1024)}'`)).toMatchObject({
      status: 413,
      body: { message: expect.stringContaining('1 MB') },
    });
  });

  test('refuses a result that is too large, naming the limit', async () => {
    const { status, body } = await sql("select repeat('x', 1000000) from generate_series(1, 20)");
    expect([status, body.message]).toEqual([413, expect.stringContaining('10 MB')]);
  });

  test('is for those who may write: readers see the catalog only, strangers nothing', async () => {
    expect((await sql('select 1', {}, reader)).status).toBe(403);
    expect((await sql('select 1', {}, stranger)).status).toBe(404);
    expect((await request(`/platform/pg-meta/${ref}/tables`, reader)).status).toBe(200);
    expect((await request(`/platform/pg-meta/${ref}/tables`, stranger)).status).toBe(404);
  });

  test('is there for the CLI and scripts, too, and never pretends to be read-only', async () => {
    const ask = async (body: Record<string, unknown>, person = owner) => {
      const response = await request(`/v1/projects/${ref}/database/query`, person, { method: 'POST', body });
      return [response.status, await response.json()];
    };
    expect(await ask({ query: 'select 1 as one' })).toEqual([201, [{ one: 1 }]]);
    expect(await ask({ query: 'select 1', read_only: true })).toMatchObject([404, { code: 'not_available' }]);
    expect(await ask({ query: 'select 1' }, reader)).toMatchObject([403, {}]);
  });

  test('costs one database round trip', async () => {
    t.roundTrips.reset();
    await sql('select 1');
    expect(t.roundTrips.count).toBe(1);
  });

  test('lists the catalog, with an empty filter meaning none', async () => {
    const contract = contractMissing === null ? loadContract() : null;
    await sql('create table listed (id int primary key); alter table listed enable row level security');
    await sql('create policy p on listed using (true); create view v as select * from listed');
    await sql("create type mood as enum ('good'); create materialized view mv as select 1 as one");
    const list = async (path: string) => {
      const response = await request(`/platform/pg-meta/${ref}/${path}`, owner);
      const body = await response.json();
      const [name] = path.split('?');
      if (response.ok) contract?.expectConforms('GET', `/platform/pg-meta/{ref}/${name}`, 200, body);
      return { status: response.status, body };
    };
    const named = (name: string) => ({
      status: 200,
      body: expect.arrayContaining([expect.objectContaining({ name })]),
    });
    expect(await list('tables?included_schemas=public&include_columns=true')).toEqual(named('listed'));
    expect(await list('policies?included_schemas=&excluded_schemas=')).toEqual(named('p'));
    expect(await list('views?included_schemas=public')).toEqual(named('v'));
    expect(await list('materialized-views?included_schemas=public')).toEqual(named('mv'));
    expect(await list('types')).toEqual(named('mood'));
    expect(await list('publications')).toEqual(named('supabase_realtime'));
    await sql('grant update (id) on listed to anon');
    const { body: privileges } = await list('column-privileges');
    expect(privileges.find((each: Record<string, unknown>) => each.relation_name === 'listed')).toMatchObject({
      relation_schema: 'public',
      column_name: 'id',
      column_id: expect.stringMatching(/^\d+\.1$/),
      privileges: expect.arrayContaining([
        { grantee: 'anon', grantor: 'postgres', privilege_type: 'UPDATE', is_grantable: false },
        { grantee: 'postgres', grantor: 'postgres', privilege_type: 'SELECT', is_grantable: false },
      ]),
    });
    for (const path of ['triggers', 'extensions', 'foreign-tables']) {
      expect(await list(path)).toMatchObject({ status: 200, body: expect.any(Array) });
    }
    const [{ id }] = (await sql("select 'listed'::regclass::oid::int as id")).body;
    expect(await list(`tables?id=${id}`)).toEqual(named('listed'));
    expect(await list('tables?id=1')).toEqual({ status: 200, body: [] });
    expect(await list('tables?limit=ten')).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('limit') },
    });
  });

  test('finds what is wrong with a schema, and nothing in one that is right', async () => {
    const lints = async () => {
      const response = await request(`/platform/projects/${ref}/run-lints`, reader);
      const found: { name: string; metadata: { name: string } }[] = await response.json();
      if (contractMissing === null) {
        loadContract().expectConforms('GET', '/platform/projects/{ref}/run-lints', response.status, found);
      }
      return found.map(({ name, metadata }) => `${name} ${metadata.name}`);
    };
    await sql('drop schema public cascade; create schema public; grant usage on schema public to anon, authenticated');
    await sql(`create table safe (id int primary key); alter table safe enable row level security;
               create policy p on safe using (true)`);
    expect(await lints()).toEqual([]);
    await sql(`create table open (id int primary key, safe_id int references safe); grant select on open to anon;
               create policy idle on open using (true);
               create table bare (n int); alter table bare enable row level security;
               create view people as select id from auth.users; grant select on people to anon;
               create function f() returns int language sql as 'select 1';
               create materialized view counted as select 1 as one; grant select on counted to authenticated`);
    expect((await lints()).sort()).toEqual([
      'auth_users_exposed people',
      'function_search_path_mutable f',
      'materialized_view_in_api counted',
      'no_primary_key bare',
      'policy_exists_rls_disabled open',
      'rls_disabled_in_public open',
      'rls_enabled_no_policy bare',
      'security_definer_view people',
      'unindexed_foreign_keys open',
    ]);
  });

  test("shows the data API's own description, and says that GraphQL is not there", async () => {
    const document = await request(`/platform/projects/${ref}/api/rest`, reader);
    expect(document.status).toBe(200);
    expect(await document.json()).toMatchObject({ swagger: '2.0' });
    expect((await request(`/platform/projects/${ref}/api/rest`, owner, { method: 'HEAD' })).status).toBe(200);
    const graphql = await request(`/platform/projects/${ref}/api/graphql`, owner, {
      method: 'POST',
      body: { query: '{ __typename }' },
    });
    expect(await graphql.json()).toEqual({ errors: [{ message: expect.stringContaining('pg_graphql') }] });
  });

  test('leaves neither SQL nor keys in the log', async () => {
    await sql("select 'a-very-private-value' from missing");
    const logged = JSON.stringify(t.logged);
    expect(logged).not.toContain('a-very-private-value');
    expect(logged).not.toContain(live.spec.secrets.serviceRoleKey);
  });

  test.each([
    ['paused', 'stopped', 'paused; restore it'],
    ['running', 'starting', 'COMING_UP'],
  ])('is refused while the project is %s and %s', async (power, phase, reason) => {
    await setState(power, phase);
    expect(await sql('select 1')).toMatchObject({ status: 409, body: { message: expect.stringContaining(reason) } });
    expect((await request(`/platform/projects/${ref}/run-lints`, owner)).status).toBe(409);
    await setState('running', 'healthy');
  });

  test('is unavailable when the project does not answer', async () => {
    await t.client.execute({
      sql: "update observations set gateway_endpoint = '127.0.0.1:1' where ref = ?",
      args: [ref],
    });
    expect(await sql('select 1')).toMatchObject({ status: 503, body: { code: 'project_unreachable' } });
  });
});
