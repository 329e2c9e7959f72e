import { afterAll, beforeAll, expect, test } from 'vitest';
import { place } from '../../../worker/projects/place.ts';
import { openDatabase } from '../../../worker/store/db.ts';
import { hostCandidates } from '../../../worker/store/host-candidates.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { unsealedChain } from '../../support/chain.ts';
import { type OwnDatabase, startOwnDatabase } from '../../support/own-database.ts';
import { createHost, createOrganization, createPerson, createProject } from '../../support/people.ts';

let database: OwnDatabase;
let t: TestApp;
// all hosts there are count, so the database is shared with no other suite
beforeAll(async () => {
  database = await startOwnDatabase();
  t = database.use(await createTestApp());
});
afterAll(() => database.stop());

test('of many hosts those are loaded that placement would choose from all of them', async () => {
  const organization = await createOrganization(t, [{ person: await createPerson(t), role: 'Owner' }]);
  const change = (id: string, set: string) =>
    t.client.execute({ sql: `update hosts set ${set} where id = ?`, args: [id] });
  const make = async (used: number, set = 'cordoned = 0', lastPort = 29_999) => {
    const { id } = await createHost(t, { lastPort });
    for (let index = 0; index < used; index += 1) await createProject(t, organization, { id });
    await change(id, set);
    return id;
  };
  await make(3);
  const emptiest = await make(1);
  await make(2);
  const ohio = await make(4, "region = 'us-east-2'");
  await make(1, "region = 'us-east-2'", 20_009);
  await make(0, 'cordoned = 1');
  await make(0, 'cordoned = 1');
  await make(0, 'lost_at = 1');
  await make(0, 'revoked_at = 1');
  await make(0, 'reported_at = 1, enrolled_at = 1');
  const at = { now: t.clock.now(), lostAfterMs: 60_000 };
  const [hosts] = await openDatabase(t.client, unsealedChain).read([hostCandidates(at)]);
  const told = hosts.map(({ region, cordoned, alike, usedBlocks }) => [region, cordoned, alike, usedBlocks]);
  expect(told.sort()).toEqual([
    ['local', false, 2, 0],
    ['local', false, 3, 1],
    ['local', true, 2, 0],
    ['us-east-2', false, 2, 4],
  ]);
  expect(place(hosts, null, at)).toMatchObject({ kind: 'placed', hostId: emptiest });
  const wish = { asked: 'us-east-2', regions: ['us-east-2'], isKnown: true };
  expect(place(hosts, wish, at)).toMatchObject({ kind: 'placed', hostId: ohio, region: 'us-east-2' });
});
