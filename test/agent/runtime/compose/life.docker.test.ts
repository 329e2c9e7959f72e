import { appendFile, chmod, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ComposeRuntime } from '../../../../agent/runtime/compose/create-runtime.ts';
import { specHash } from '../../../../agent/spec-hash.ts';
import { labels } from '../../../../agent/stack/labels.ts';
import type { LiveSpec } from '../../../../schema/stack-spec.ts';
import { type DockerEngine, describeWithDocker, labelled, requiredEngine } from '../../../docker/engine.ts';
import { until } from '../../../support/until.ts';
import { makeSpec, never, refOf } from '../embedded/support.ts';
import { makeHost, openRuntime, removeHost, type TestHost } from './support.ts';

const ref = refOf('life');
const firstPort = 24_100;

describeWithDocker('the life of a stack on a real engine', () => {
  let engine: DockerEngine;
  let host: TestHost;
  let runtime: ComposeRuntime;
  let spec: LiveSpec;

  beforeAll(async () => {
    engine = requiredEngine();
    host = await makeHost({ firstPort, addressPool: '10.232.0.0/20' });
    spec = await makeSpec(ref, firstPort, { profile: 'standard' });
    runtime = await openRuntime(engine, host);
  });
  afterAll(async () => {
    await runtime.remove(ref, { signal: never });
    await runtime.close();
    await removeHost(engine, host);
  });

  test('it is created, and a request with its key reaches the database', async () => {
    await apply();
    await runtime.probe(ref, { signal: never });
    const stack = await look();
    expect(stack).toMatchObject({ state: 'running', specHash: specHash(spec), generation: 1, drift: [] });
    expect(stack?.gateway).toEqual({ protocol: 'http', endpoint: `127.0.0.1:${firstPort}` });
    const told = Object.fromEntries((stack?.services ?? []).map(({ name, status }) => [name, status]));
    expect(told).toMatchObject({
      db: 'healthy',
      auth: 'healthy',
      rest: 'healthy',
      pg_meta: 'healthy',
      pooler: 'absent',
    });
  });

  test('keys decide at the edge, and Studio reaches the database through postgres-meta', async () => {
    expect((await ask('/rest/v1/', null)).status).toBe(401);
    expect((await ask('/auth/v1/health', spec.secrets.anonKey)).status).toBe(200);
    const query = await ask('/pg/query', spec.secrets.serviceRoleKey, { query: 'select current_user as me' });
    expect(await query.json()).toEqual([{ me: 'postgres' }]);
    expect((await ask('/pg/query', spec.secrets.anonKey, { query: 'select 1' })).status).toBe(403);
  });

  test('what users wrote outlives pause, restore and a change of the password', async () => {
    await sql('create table kept (id int); insert into kept values (7)');
    await runtime.stop(ref, { signal: never });
    expect(await look()).toMatchObject({ state: 'stopped', gateway: null });
    expect((await ask('/rest/v1/', spec.secrets.anonKey)).status).toBe(540);
    expect(runtime.findFrontDoorTarget(ref)).toBeNull();

    const secrets = { ...spec.secrets, dbPassword: 'another $one" with \\ and #' };
    spec = { ...spec, generation: 2, secrets };
    await apply();
    expect(await sql('select id from kept')).toEqual([{ id: 7 }]);
    expect(await look()).toMatchObject({ state: 'running', generation: 2 });
  });

  test('a change of size makes the database anew with what is in it', async () => {
    const before = await containerIds();
    spec = { ...spec, generation: 3, size: 'small' };
    await apply();
    const after = await containerIds();
    expect(after.get('db')).not.toBe(before.get('db'));
    expect(await sql('select id from kept')).toEqual([{ id: 7 }]);
  });

  test('the same spec again touches no container', async () => {
    const before = await containerIds();
    await apply();
    expect(await containerIds()).toEqual(before);
  });

  test('a restart that was asked for starts every container again', async () => {
    const before = await startTimes();
    spec = { ...spec, generation: 4, restarts: spec.restarts + 1 };
    await apply();
    for (const [service, at] of await startTimes()) expect(at, service).not.toBe(before.get(service));
  });

  test('what somebody did by hand is told and put right', async () => {
    await appendFile(join(home(), 'compose.yaml'), '# mine\n');
    await chmod(join(home(), '.env'), 0o644);
    await docker('rm', '--force', (await containerIds()).get('auth') ?? '');
    const seen = await untilSeen((stack) => stack.state === 'partial' && stack.drift.length === 2);
    expect(seen.drift).toEqual(['.env has mode 0644 instead of 0600', 'compose.yaml was changed by hand']);
    await apply();
    expect(await look()).toMatchObject({ state: 'running', drift: [] });
    const [kept = ''] = await readdir(join(home(), 'drift'));
    expect(await readFile(join(home(), 'drift', kept), 'utf8')).toContain('# mine');
    expect((await stat(join(home(), '.env'))).mode & 0o777).toBe(0o600);
  });

  test('a container that was stopped, paused, or taken off its network comes back', async () => {
    const ids = await containerIds();
    await docker('stop', ids.get('rest') ?? '');
    await untilSeen((stack) => stack.state === 'partial');
    await apply();
    await docker('pause', ids.get('auth') ?? '');
    await untilSeen((stack) => stack.state === 'partial');
    await apply();
    await docker('stop', ids.get('db') ?? '');
    await untilSeen((stack) => stack.state === 'partial');
    await apply();
    await docker('network', 'disconnect', `supafleet-${ref}_default`, ids.get('rest') ?? '');
    await untilSeen((stack) => stack.drift.length > 0, 40_000);
    await apply();
    expect(await look()).toMatchObject({ state: 'running', drift: [] });
  });

  test('a superuser whose password somebody changed is given its own again', async () => {
    const db = (await containerIds()).get('db') ?? '';
    const change = "alter role supabase_admin password 'somebody else'";
    await docker('exec', db, 'psql', '-h', '127.0.0.1', '-U', 'supabase_admin', '-d', 'postgres', '-c', change);
    await apply();
    expect(await sql('select id from kept')).toEqual([{ id: 7 }]);
  });

  test('an agent that starts again adopts what runs without touching it', async () => {
    const before = await startTimes();
    await runtime.close();
    await runtime.probe(ref, { signal: never }); // nobody looks after it, and it answers
    runtime = await openRuntime(engine, host);
    await runtime.prepare(never);
    expect(await look()).toMatchObject({ state: 'running', drift: [], generation: 4 });
    await runtime.probe(ref, { signal: never });
    expect(runtime.findFrontDoorTarget(ref)).not.toBeNull();
    expect(await startTimes()).toEqual(before);
  });

  test('its directory comes up by hand, without the agent', async () => {
    await runtime.stop(ref, { signal: never });
    const place = ['--project-directory', home(), '--file', join(home(), 'compose.yaml')];
    await docker('compose', ...place, 'down');
    await docker('compose', ...place, 'up', '--detach');
    expect(await sql('select id from kept')).toEqual([{ id: 7 }]);
    await apply();
  });

  test('a volume that is gone is told, and no empty one takes its place', async () => {
    await runtime.stop(ref, { signal: never });
    await docker('compose', '--project-directory', home(), '--file', join(home(), 'compose.yaml'), 'rm', '--force');
    await docker('volume', 'rm', `supafleet-${ref}_storage-data`);
    await expect(apply()).rejects.toThrow('storage-data');
  });

  test('its removal leaves nothing', async () => {
    await runtime.remove(ref, { signal: never });
    expect(await labelled(engine, `${labels.ref}=${ref}`)).toEqual({ containers: [], networks: [], volumes: [] });
    expect(await readdir(join(host.root, 'projects'))).toEqual([]);
    expect(await look()).toBeUndefined();
    await expect(fetch(`http://127.0.0.1:${firstPort}/rest/v1/`)).rejects.toThrow();
    await runtime.remove(ref, { signal: never });
  });

  const docker = (...words: string[]) => engine.run(words);

  function apply(): Promise<void> {
    return runtime.apply(spec, { specHash: specHash(spec), signal: never });
  }

  async function look() {
    return (await runtime.observe({ signal: never })).find((stack) => stack.ref === ref);
  }

  async function untilSeen(
    check: (stack: NonNullable<Awaited<ReturnType<typeof look>>>) => boolean,
    timeoutMs = 35_000,
  ) {
    let last: Awaited<ReturnType<typeof look>>;
    await until(
      async () => {
        last = await look();
        return last !== undefined && check(last);
      },
      { what: 'the stack to be seen so', timeoutMs, everyMs: 250 },
    );
    if (last === undefined) throw new Error('nothing was seen');
    return last;
  }

  function ask(path: string, key: string | null, body?: object): Promise<Response> {
    return fetch(`http://127.0.0.1:${firstPort}${path}`, {
      headers: { ...(key === null ? {} : { apikey: key }), 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
  }

  async function sql(text: string): Promise<unknown[]> {
    const target = runtime.findFrontDoorTarget(ref) ?? { host: '10.232.0.2', port: 5432 };
    const client = new Client({ ...target, user: 'postgres', password: spec.secrets.dbPassword, database: 'postgres' });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  const home = () => join(host.root, 'projects', ref);

  async function containerIds(): Promise<Map<string, string>> {
    return containerFacts('{{.ID}}');
  }

  async function startTimes(): Promise<Map<string, string>> {
    const facts = await containerFacts('{{.ID}}');
    const times = new Map<string, string>();
    for (const [service, id] of facts)
      times.set(service, (await docker('inspect', '-f', '{{.State.StartedAt}}', id)).trim());
    return times;
  }

  async function containerFacts(format: string): Promise<Map<string, string>> {
    const output = await docker(
      'ps',
      '--all',
      '--filter',
      `label=${labels.ref}=${ref}`,
      '--format',
      `{{.Label "${labels.service}"}} ${format}`,
    );
    const lines = output.split('\n').filter((line) => line !== '');
    return new Map(lines.map((line) => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? '']));
  }
});
