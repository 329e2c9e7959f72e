import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedRuntime } from '../../../../agent/runtime/embedded/create-runtime.ts';
import { type LiveSpec, portOffsets } from '../../../../schema/stack-spec.ts';
import { portBlock } from '../../../support/port-block.ts';
import { gatewayOf, keyOf, readRows, runSql } from './gateway-client.ts';
import { eventually, listens, makeRoot, makeSpec, never, openRuntime, processesOf, refOf } from './support.ts';

describe('a project in the embedded runtime', () => {
  let place: Awaited<ReturnType<typeof makeRoot>>;
  let runtime: EmbeddedRuntime;
  let spec: LiveSpec;

  beforeAll(async () => {
    place = await makeRoot();
    runtime = await openRuntime(place.root);
    spec = await makeSpec(refOf('life'), await portBlock());
    await runtime.apply(spec, { specHash: 'one', signal: never });
  });
  afterAll(async () => {
    await runtime.close();
    await place.remove();
  });

  const observed = async () => (await runtime.observe({ signal: never })).find(({ ref }) => ref === spec.ref);

  it('is observed as running, with what it was applied with and the versions that run', async () => {
    const isServing = async () =>
      (await observed())?.services.find(({ name }) => name === 'pg_meta')?.status === 'healthy';
    await eventually('postgres-meta has started', isServing);
    const stack = await observed();
    expect(stack).toMatchObject({
      specHash: 'one',
      generation: 1,
      state: 'running',
      gateway: { protocol: 'http', endpoint: `localhost:${spec.firstPort}` },
    });
    const services = Object.fromEntries(stack?.services.map((each) => [each.name, [each.status, each.version]]) ?? []);
    expect(services).toMatchObject({
      db: ['healthy', '17.10'],
      rest: ['healthy', '12.0.2'],
      pg_meta: ['healthy', '0.99.0'],
      auth: ['absent', null],
    });
    expect(stack?.services).toHaveLength(8);
  });

  it('is a Supabase database whose owner is no superuser', async () => {
    const answer = await runSql(
      spec,
      "select current_user::text as me, rolsuper from pg_roles where rolname = 'postgres'",
    );
    expect(answer).toEqual({ status: 200, body: [{ me: 'postgres', rolsuper: false }] });
  });

  it('shows a new table in the data API at once, to every kind of key, under row level security', async () => {
    const created = await runSql(
      spec,
      `create table notes (id int primary key, body text);
       alter table notes enable row level security;
       create policy everyone on notes for select to anon using (id = 1);
       insert into notes values (1, 'open'), (2, 'closed')`,
    );
    expect(created.status).toBe(200);
    await eventually('the data API knows the table', async () => {
      return (await readRows(spec, 'notes?select=id', spec.secrets.anonKey)).status === 200;
    });
    const rows = (key: string) => readRows(spec, 'notes?select=id&order=id', key);
    const [open, all] = [[{ id: 1 }], [{ id: 1 }, { id: 2 }]];
    expect((await rows(spec.secrets.anonKey)).body).toEqual(open);
    expect((await rows(keyOf(spec, 'publishable'))).body).toEqual(open);
    expect((await rows(spec.secrets.serviceRoleKey)).body).toEqual(all);
    expect((await rows(keyOf(spec, 'secret'))).body).toEqual(all);
    expect((await rows('sb_publishable_wrong')).status).toBe(401);
  });

  it('answers a probe through the gateway, and fails it when Postgres does not answer', async () => {
    await runtime.probe(spec.ref, { signal: never });
    const postmaster = await postmasterOf(place.root, spec.ref);
    const backends = childrenOf(postmaster);
    for (const pid of [postmaster, ...backends]) process.kill(pid, 'SIGSTOP');
    try {
      await expect(runtime.probe(spec.ref, { signal: never })).rejects.toThrow(/did not answer within 5 s/);
    } finally {
      for (const pid of [postmaster, ...backends]) process.kill(pid, 'SIGCONT');
    }
    await runtime.probe(spec.ref, { signal: never });
  });

  it('lets its owner create the extensions that Supabase lets them create', async () => {
    const answer = await runSql(
      spec,
      "create extension moddatetime schema extensions; create extension pg_trgm; select count(*)::int as n from pg_extension where extname in ('moddatetime', 'pg_trgm')",
    );
    expect(answer).toEqual({ status: 200, body: [{ n: 2 }] });
  });

  it('serves a schema that is exposed before it exists, once it does', async () => {
    const soon = { ...spec, rest: { ...spec.rest, schemas: ['public', 'soon'] } };
    await runtime.apply(soon, { specHash: 'soon', signal: never });
    await runtime.probe(spec.ref, { signal: never });
    await runSql(
      soon,
      'create schema soon; grant usage on schema soon to service_role; create table soon.t as select 5 as id; grant select on soon.t to service_role',
    );
    await eventually('its table is served', async () => {
      const headers = { apikey: keyOf(spec, 'secret'), 'accept-profile': 'soon' };
      return (await fetch(`${gatewayOf(spec)}/rest/v1/t`, { headers })).status === 200;
    });
    await runtime.apply(spec, { specHash: 'one', signal: never });
  });

  it('takes a password connection on its port, and never one as the superuser', async () => {
    const target = runtime.findFrontDoorTarget(spec.ref);
    expect(target).toEqual({ host: '127.0.0.1', port: spec.firstPort + portOffsets.postgres });
    const connect = async (user: string, password: string) => {
      const client = new Client({ ...target, user, password, database: 'postgres' });
      try {
        await client.connect();
        return (await client.query('select 1 as one')).rows;
      } finally {
        await client.end();
      }
    };
    expect(await connect('postgres', spec.secrets.dbPassword)).toEqual([{ one: 1 }]);
    await expect(connect('postgres', 'wrong')).rejects.toThrow(/password authentication failed/);
    await expect(connect('supabase_admin', spec.secrets.dbPassword)).rejects.toThrow(/rejects connection/);
  });

  it('ends a statement that runs past its limit, in the database too', async () => {
    const answer = await runSql(spec, "set statement_timeout = '300ms'; select pg_sleep(30)");
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain('statement timeout');
    const left = await runSql(
      spec,
      "select count(*)::int as left from pg_stat_activity where query like '%pg_sleep(30)%' and state = 'active' and pid <> pg_backend_pid()",
    );
    expect(left.body).toEqual([{ left: 0 }]);
  });

  it('keeps its probes out of the log', async () => {
    await runtime.probe(spec.ref, { signal: never });
    await runSql(spec, "do $$ begin raise warning 'seen'; end $$");
    const path = join(place.root, 'projects', spec.ref, 'logs/db.log');
    await eventually('the log has the warning', async () => readFileSync(path, 'utf8').includes('seen'));
    expect(readFileSync(path, 'utf8')).not.toContain('supafleet_probe');
  });

  it('shows no secret in arguments, files or logs', async () => {
    const secrets = [spec.secrets.dbPassword, spec.secrets.jwtSecret, keyOf(spec, 'secret'), spec.secrets.signingKey.d];
    await runSql(spec, `alter role postgres password '${spec.secrets.dbPassword}' nonsense`);
    for (const pid of await processesOf(place.root)) {
      const shown = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      for (const secret of secrets) expect(shown).not.toContain(secret);
    }
    const home = join(place.root, 'projects', spec.ref);
    const texts = [...filesBelow(join(home, 'logs')), ...filesBelow(join(home, 'config')), join(home, 'stack.json')];
    for (const path of [...texts, ...filesBelow(join(place.root, 'logs'))]) {
      for (const secret of secrets) expect(readFileSync(path, 'utf8'), path).not.toContain(secret);
    }
  });

  it('does nothing when it is applied again unchanged', async () => {
    const before = await processesOf(place.root, spec.ref);
    await runtime.apply({ ...spec, generation: 2 }, { specHash: 'one', signal: never });
    expect(await processesOf(place.root, spec.ref)).toEqual(before);
    expect((await observed())?.generation).toBe(2);
  });

  it('takes over a new password and new settings without a restart of the database', async () => {
    const postmaster = await postmasterOf(place.root, spec.ref);
    const old = spec;
    spec = {
      ...spec,
      rest: { ...spec.rest, maxRows: 1 },
      secrets: { ...spec.secrets, dbPassword: 'f'.repeat(32) },
    };
    await runtime.apply(spec, { specHash: 'two', signal: never });
    expect(await postmasterOf(place.root, spec.ref)).toBe(postmaster);
    expect((await readRows(spec, 'notes?select=id', keyOf(spec, 'secret'))).body).toHaveLength(1);
    expect((await runSql(spec, 'select 1 as one')).body).toEqual([{ one: 1 }]);
    const client = new Client({
      ...runtime.findFrontDoorTarget(spec.ref),
      user: 'postgres',
      password: old.secrets.dbPassword,
    });
    client.on('error', () => undefined);
    await expect(client.connect()).rejects.toThrow(/password authentication failed/);
  });

  it('restarts everything when a restart was asked for', async () => {
    const before = new Set(await processesOf(place.root, spec.ref));
    spec = { ...spec, restarts: 1 };
    await runtime.apply(spec, { specHash: 'three', signal: never });
    for (const pid of await processesOf(place.root, spec.ref)) expect(before).not.toContain(pid);
    await runtime.probe(spec.ref, { signal: never });
  });

  it('keeps its data through a stop, during which nothing of it runs or listens', async () => {
    await runtime.stop(spec.ref, { signal: never });
    await runtime.stop(spec.ref, { signal: never });
    expect(await processesOf(place.root, spec.ref)).toEqual([]);
    expect(await listens(spec.firstPort)).toBe(false);
    expect(await observed()).toMatchObject({ state: 'stopped', specHash: 'three', gateway: null });
    expect(runtime.findFrontDoorTarget(spec.ref)).toBeNull();
    await expect(runtime.probe(spec.ref, { signal: never })).rejects.toThrow(/does not run/);
    expect(readFileSync(join(place.root, 'projects', spec.ref, 'logs/db.log'), 'utf8')).toContain(
      'database system is shut down',
    );
    await runtime.apply(spec, { specHash: 'three', signal: never });
    expect((await runSql(spec, 'select count(*)::int as notes from notes')).body).toEqual([{ notes: 2 }]);
  });

  it('leaves no process, port or file when it is removed, however often', async () => {
    await runtime.remove(spec.ref, { signal: never });
    await runtime.remove(spec.ref, { signal: never });
    expect(await observed()).toBeUndefined();
    expect(await processesOf(place.root, spec.ref)).toEqual([]);
    expect(readdirSync(join(place.root, 'projects'))).toEqual([]);
    expect(existsSync(join(place.root, 'run', spec.ref))).toBe(false);
    for (const offset of Object.values(portOffsets)) expect(await listens(spec.firstPort + offset)).toBe(false);
    await expect(fetch(gatewayOf(spec))).rejects.toThrow();
  });
});

async function postmasterOf(root: string, ref: string): Promise<number> {
  const found = (await processesOf(root, ref)).find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('/postgres\0-D'),
  );
  if (found === undefined) throw new Error('no Postgres runs');
  return found;
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
