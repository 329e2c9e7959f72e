import { afterAll, beforeAll, expect, it } from 'vitest';
import { converge } from '../../../../agent/converge/converge.ts';
import { asSuperuser } from '../../../../agent/runtime/embedded/postgres.ts';
import { embeddedOptions } from '../../../support/converged.ts';
import { startPostgres, type TestPostgres } from '../../../support/postgres.ts';

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
  await asSuperuser(postgres, (client) => converge(client, embeddedOptions()));
});
afterAll(() => postgres?.stop());

it.each([
  "search_path = 'nowhere'",
  "role = 'anon'",
  "local_preload_libraries = 'no-such-library'",
  "statement_timeout = '1ms'",
  "transaction_timeout = '1ms'",
  "default_table_access_method = 'no_such_method'",
  "default_tablespace = 'pg_global'",
  'default_transaction_read_only = on',
  'standard_conforming_strings = off',
])('a database whose owner set %s for everybody in it still lets the agent in and converges', async (setting) => {
  // from another database: some of these lock the owner out of this one
  const owner = await postgres.asClient('postgres', embeddedOptions().dbPassword, 'template1');
  await owner.query(`alter database postgres set ${setting}`);
  const converged = await asSuperuser(postgres, (client) => converge(client, embeddedOptions()));
  // the setting itself is part of what converge looks at
  expect(converged.ran).toBe(true);
  await owner.query(`alter database postgres reset ${setting.split(' ')[0]}`);
});
