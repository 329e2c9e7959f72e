import { afterAll, expect, test } from 'vitest';
import { describeWithDocker, logsOf, requiredEngine, stateOf, untilContainer } from '../docker/engine.ts';
import { until } from '../support/until.ts';
import { imageFor, scratch } from './scratch.ts';

describeWithDocker('the Postgres image', () => {
  const engine = requiredEngine();
  const own = scratch(engine, 'db');
  afterAll(own.remove);

  const postgres = ['postgres', '-c', 'config_file=/etc/postgresql/postgresql.conf'];
  const health = ['--health-cmd', 'pg_isready -U postgres -h 127.0.0.1', '--health-interval', '1s'];
  const password = ['--env', 'POSTGRES_PASSWORD=secret'];
  const start = (name: string, options: string[], command = postgres) =>
    own.start(name, imageFor(engine, 'supabase/postgres'), [...health, ...options], command);
  const query = (name: string, sql: string, options: string[] = []) =>
    engine.run(['exec', ...options, name, 'psql', '-U', 'postgres', '-Atc', sql]);

  const untilLog = (name: string, what: string, condition: () => Promise<boolean>) =>
    until(() => condition().catch(() => false), { what: `${what} in ${name}`, timeoutMs: 60_000 });

  test('a first start leaves the roles and schemas of upstream, and takes settings from its command', async () => {
    const name = await start('first', password, [...postgres, '-c', 'max_connections=33']);
    await untilContainer(engine, name, 'healthy');
    expect(await query(name, 'show max_connections')).toBe('33\n');
    const roles = await query(name, 'select rolname from pg_roles');
    for (const role of ['supabase_admin', 'anon', 'authenticator', 'supabase_auth_admin', 'supabase_storage_admin']) {
      expect(roles.split('\n')).toContain(role);
    }
    expect(await query(name, "select rolsuper from pg_roles where rolname = 'postgres'")).toBe('f\n');
    expect(await query(name, 'show server_version_num')).toMatch(/^17/);
  });

  test('from the network nobody gets in without the password, the superuser included', async () => {
    const name = await start('network', password);
    await untilContainer(engine, name, 'healthy');
    const address = await engine.run(['inspect', '--format', '{{.NetworkSettings.IPAddress}}', name]);
    const connect = (given: string) =>
      engine.run([
        ...['exec', '--env', `PGPASSWORD=${given}`, name],
        ...['psql', '-h', address.trim(), '-U', 'supabase_admin', '-d', 'postgres', '-Atc', 'select 1'],
      ]);
    await expect(connect('wrong')).rejects.toThrow(/password authentication failed/);
    expect(await connect('secret')).toBe('1\n');
  });

  test('without a password it refuses to start and says what is missing', async () => {
    const name = await start('bare', []);
    await untilContainer(engine, name, 'exited');
    expect(await logsOf(engine, name)).toContain('POSTGRES_PASSWORD is missing');
    expect((await stateOf(engine, name)).exitCode).toBe(1);
  });

  test('a first start that is killed in its midst is begun again, and no half of it is ever served', async () => {
    const name = await own.create('killed', imageFor(engine, 'supabase/postgres'), [...health, ...password], postgres);
    const file = '/docker-entrypoint-initdb.d/zz-stack.sql';
    await own.put(name, file, 'create table half (); select pg_sleep(600);\n');
    await engine.run(['start', name]);
    await untilLog(name, 'cluster being made', async () =>
      (await engine.run(['exec', name, 'ls', '/var/lib/postgresql/data/.first-boot'])).includes('cluster'),
    );
    await engine.run(['kill', name]);
    await engine.run(['start', name]);
    await untilLog(name, `running ${file}`, async () => (await logsOf(engine, name)).includes(`running ${file}`));
    await engine.run(['kill', name]);
    await own.put(name, file, 'create table whole ();\n');
    await engine.run(['start', name]);
    await untilContainer(engine, name, 'healthy');
    expect((await logsOf(engine, name)).match(/cut short: beginning again/g)).toHaveLength(2);
    expect(await query(name, "select relname from pg_class where relname in ('half', 'whole')")).toBe('whole\n');
    expect(await query(name, "select to_regnamespace('storage') is not null")).toBe('t\n');
  });

  test('what was written is there after a stop in order, which ends open sessions', async () => {
    const name = await start('stopped', password);
    await untilContainer(engine, name, 'healthy');
    await query(name, 'create table kept (id int); insert into kept values (7)');
    await engine.run(['exec', '--detach', name, 'psql', '-U', 'postgres', '-c', 'select pg_sleep(600)']);
    await engine.run(['stop', '--time', '30', name]);
    expect((await stateOf(engine, name)).exitCode).toBe(0);
    await engine.run(['start', name]);
    await untilContainer(engine, name, 'healthy');
    expect(await query(name, 'select id from kept')).toBe('7\n');
  });

  test('files of the stack run once, behind the roles, before anybody can connect by TCP', async () => {
    const name = await own.create('files', imageFor(engine, 'supabase/postgres'), [...health, ...password], postgres);
    await own.put(
      name,
      '/docker-entrypoint-initdb.d/zz-stack.sql',
      "alter role authenticator with password 'theirs';\n",
    );
    await engine.run(['start', name]);
    await untilContainer(engine, name, 'healthy');
    await engine.run(['restart', name]);
    await untilContainer(engine, name, 'healthy');
    const lines = (await logsOf(engine, name)).split('\n').filter((line) => line.startsWith('running '));
    expect(lines).toEqual([
      'running /docker-entrypoint-initdb.d/migrate.sh',
      'running /docker-entrypoint-initdb.d/zz-stack.sql',
    ]);
  });
});
