import { execFileSync, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstBootSql } from '../../../../agent/stack/files/first-boot.ts';
import { profileServices } from '../../../../schema/stack-profiles.ts';
import { startPostgres, type TestPostgres } from '../../../support/postgres.ts';
import { runningSpec } from '../../../support/specs.ts';

const program = 'psql';
const hasPsql = spawnSync(program, ['--version']).status === 0;
const spec = runningSpec('a', { profile: 'full' });
spec.secrets.dbPassword = `it's $pgpass "ok" \\ é`;

describe.skipIf(!hasPsql)('the first boot of a database', () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startPostgres();
    const admin = await postgres.asAgent();
    // the image brings some of these roles, another release of it may lack one
    await admin.query('create role postgres login; create role authenticator noinherit login');
  });
  afterAll(() => postgres?.stop());

  it('runs with psql, and as often as one likes', () => {
    for (let times = 0; times < 2; times++) boot(postgres, firstBootSql(spec, profileServices.full));
  });

  it.each(['postgres', 'authenticator'])('lets %s in with the password users know', async (role) => {
    const client = await postgres.asClient(role, spec.secrets.dbPassword);
    expect((await client.query('select current_user::text as me')).rows).toEqual([{ me: role }]);
  });

  it('says how long a session token lives', async () => {
    const client = await postgres.asClient('postgres', spec.secrets.dbPassword);
    const { rows } = await client.query(`select current_setting('app.settings.jwt_exp') as seconds`);
    expect(rows).toEqual([{ seconds: '3600' }]);
  });

  it.each([
    ['postgres', ['_realtime']],
    ['_supabase', ['_analytics', '_supavisor']],
  ])('makes the schemas that services keep in %s, for the superuser', async (database, schemas) => {
    const client = await postgres.asAgent(database);
    const { rows } = await client.query(
      "select nspname as name, nspowner::regrole::text as owner from pg_namespace where nspname like '\\_%' order by 1",
    );
    expect(rows).toEqual(schemas.map((name) => ({ name, owner: 'supabase_admin' })));
  });
});

it('makes nothing for services the project does not have', () => {
  expect(firstBootSql(spec, profileServices.minimal)).not.toMatch(/_realtime|_supabase|_analytics|_supavisor/);
});

function boot({ socketDirectory, port }: TestPostgres, sql: string): void {
  const options = ['-h', socketDirectory, '-p', String(port), '-U', 'supabase_admin', '-d', 'postgres'];
  execFileSync(program, ['-v', 'ON_ERROR_STOP=1', '--no-password', '--no-psqlrc', '--quiet', ...options], {
    input: sql,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
}
