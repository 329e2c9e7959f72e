import { createClient } from '@libsql/client/web';
import { eq } from 'drizzle-orm';
import { afterAll, expect, inject, test } from 'vitest';
import { hosts } from '../../../schema/tables/hosts.ts';
import { observations } from '../../../schema/tables/observations.ts';
import { projects } from '../../../schema/tables/projects.ts';
import { status } from '../../../worker/projects/status.ts';
import { openDatabase } from '../../../worker/store/db.ts';
import { statusSql } from '../../../worker/store/status-sql.ts';
import { unsealedChain } from '../../support/chain.ts';
import { everyInput, now, settings } from '../../support/status-inputs.ts';

const client = createClient({ url: inject('databaseUrl') });
afterAll(() => client.close());

test('a list filtered by status in SQL shows what the status on read would be, for every combination', async () => {
  const { orm, prepare, read } = openDatabase(client, unsealedChain);
  const select = prepare(
    orm
      .select({ status: statusSql() })
      .from(projects)
      .innerJoin(hosts, eq(hosts.id, projects.hostId))
      .leftJoin(observations, eq(observations.ref, projects.ref))
      .orderBy(projects.id),
  );
  const statement = select({
    now,
    lostAfterMs: settings.lostAfterMs,
    verifiedWithinMs: settings.verifiedWithinMs,
  });
  const inputs = everyInput();
  // the rows come from the request itself, so that nothing is left behind for other suites
  const rows = `with input as materialized (select key, value from json_each(?)),
    projects as materialized (select key as id, 'r' || key as ref, 'h' || key as host_id, value ->> 'power' as power,
      value ->> 'change' as change, value ->> 'generation' as generation, value ->> 'firstPort' as first_port from input),
    hosts as materialized (select 'h' || key as id, value ->> 'hostReportedAt' as reported_at,
      value ->> 'hostRevokedAt' as revoked_at,
      value ->> 'hostVerifiedAt' as verified_at from input),
    observations as materialized (select 'r' || key as ref, value ->> 'phase' as phase,
      value ->> 'observedGeneration' as generation, value ->> 'verifiedAt' as verified_at,
      value ->> 'healthyGeneration' as healthy_generation from input)`;
  // the server takes no value of several megabytes
  for (let start = 0; start < inputs.length; start += 5_000) {
    const some = inputs.slice(start, start + 5_000);
    const [found] = await read([
      { ...statement, sql: `${rows} ${statement.sql}`, args: [JSON.stringify(some), ...statement.args] },
    ]);
    expect(found.map((row) => row.status)).toEqual(some.map((input) => status(input, now, settings)));
  }
});
