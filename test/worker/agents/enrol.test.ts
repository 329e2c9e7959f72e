import { beforeAll, describe, expect, test } from 'vitest';
import { agentHeaders, protocolVersion } from '../../../schema/agent-protocol.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { createPerson, letters, type Person } from '../../support/people.ts';
import { createToken, enrol, newKey, testFacts } from '../../support/test-agent.ts';

describe('enrolling a host', () => {
  let t: TestApp;
  let operator: Person;

  beforeAll(async () => {
    t = await createTestApp();
    operator = await createPerson(t, { isOperator: true });
  });

  test('makes a host with the key it sent, in one round trip, with an audit row', async () => {
    const token = await createToken(t, operator);
    const { publicKey } = newKey();
    t.roundTrips.reset();
    const response = await enrol(t, { token, publicKey, region: 'attic' });
    expect(response.status).toBe(201);
    expect(t.roundTrips.count).toBe(1);
    const { hostId } = (await response.json()) as { hostId: string };
    const { rows } = await t.client.execute({
      sql: `select public_key, region, cordoned, action, actor_kind from hosts join audit_entries on target = hosts.id
            where hosts.id = ?`,
      args: [hostId],
    });
    expect(rows.map((row) => ({ ...row }))).toEqual([
      { public_key: publicKey, region: 'attic', cordoned: 0, action: 'host.enrol', actor_kind: 'host' },
    ]);
  });

  test('keeps no token as it is', async () => {
    const token = await createToken(t, operator);
    expect(token).toMatch(/^sfe_[0-9a-f]{40}$/);
    const { rows } = await t.client.execute('select * from enrolment_tokens');
    expect(JSON.stringify(rows)).not.toContain(token.slice(4, 20));
    expect(JSON.stringify(t.logged)).not.toContain(token.slice(4, 20));
  });

  test('lets exactly one of many concurrent hosts in by one token', async () => {
    const token = await createToken(t, operator);
    const responses = await Promise.all(Array.from({ length: 12 }, () => enrol(t, { token })));
    const statuses = responses.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array(11).fill(401)]);
  });

  test('gives a host that asks again with its key the id it has, and makes no second one', async () => {
    const key = { publicKey: newKey().publicKey, name: `host-${letters(10)}` };
    const [token, second] = [await createToken(t, operator), await createToken(t, operator)];
    const first = await enrol(t, { token, ...key });
    const { hostId } = (await first.json()) as { hostId: string };
    for (const body of [
      { token, ...key },
      { token: second, ...key },
      { token: second, ...key, name: 'another name' },
    ]) {
      const again = await enrol(t, body);
      expect(again.status).toBe(201);
      expect(await again.json()).toMatchObject({ hostId });
    }
    const hosts = await t.client.execute({ sql: 'select id from hosts where public_key = ?', args: [key.publicKey] });
    expect(hosts.rows.length).toBe(1);
    expect((await enrol(t, { token: second })).status).toBe(401);
  });

  test("lets nobody in by another host's used token, nor a revoked key back by its own", async () => {
    const publicKey = newKey().publicKey;
    const token = await createToken(t, operator);
    await enrol(t, { token, publicKey });
    expect((await enrol(t, { token })).status).toBe(401);
    await t.client.execute({ sql: 'update hosts set revoked_at = 1 where public_key = ?', args: [publicKey] });
    expect((await enrol(t, { token, publicKey })).status).toBe(401);
  });

  test('refuses a token that is made up, used, or older than an hour', async () => {
    const made = await createToken(t, operator);
    const used = await createToken(t, operator);
    await enrol(t, { token: used });
    t.clock.advance(60 * 60 * 1000);
    const responses = await Promise.all(
      [`sfe_${'0'.repeat(40)}`, used, made, operator.token].map((token) => enrol(t, { token: token.slice(0, 200) })),
    );
    expect(responses.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
  });

  test('says that a name is taken, and the token is still good for another', async () => {
    const name = `host-${letters(10)}`;
    await enrol(t, { token: await createToken(t, operator), name });
    const token = await createToken(t, operator);
    const taken = await enrol(t, { token, name });
    expect(taken.status).toBe(409);
    expect(await taken.json()).toMatchObject({ code: 'conflict', message: expect.stringContaining('name') });
    expect((await enrol(t, { token })).status).toBe(201);
  });

  test.each([
    ['an unknown protocol version', {}, { [agentHeaders.version]: String(protocolVersion + 1) }, 426],
    ['no protocol version', {}, { [agentHeaders.version]: '' }, 426],
    ['a public key that is none', { publicKey: 'x' }, {}, 400],
    ['a name with a newline in it', { name: 'a\nb' }, {}, 400],
    [
      'a port range that ends before it begins',
      { facts: { ...testFacts, portRange: { first: 3000, last: 2000 } } },
      {},
      400,
    ],
  ])('refuses %s', async (_, body, headers, status) => {
    const response = await enrol(t, { token: 'sfe_x', ...body }, headers);
    expect(response.status).toBe(status);
  });
});
