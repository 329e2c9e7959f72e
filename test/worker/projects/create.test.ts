import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { contractMissing, loadContract } from '../../support/contract.ts';
import {
  createHost,
  createOrganization,
  createPerson,
  letters,
  type Person,
  type TestHost,
  type TestOrganization,
} from '../../support/people.ts';
import { send } from '../../support/requests.ts';

const created = z.object({ id: z.number(), ref: z.string(), name: z.string(), status: z.string(), region: z.string() });
const refused = z.object({ message: z.string() });

describe('creating a project', () => {
  let t: TestApp;
  let owner: Person;
  let developer: Person;
  let stranger: Person;
  let organization: TestOrganization;

  beforeAll(async () => {
    t = await createTestApp();
    [owner, developer, stranger] = await Promise.all([createPerson(t), createPerson(t), createPerson(t)]);
    organization = await createOrganization(t, [
      { person: owner, role: 'Owner' },
      { person: developer, role: 'Developer' },
    ]);
  });

  /** A host that only requests naming its region find, since other suites have hosts as well. */
  async function hostOfItsOwn(options: { firstPort?: number; lastPort?: number } = {}) {
    const host = await createHost(t, options);
    const region = `rack-${letters(12)}`;
    await t.client.execute({ sql: 'update hosts set region = ? where id = ?', args: [region, host.id] });
    return { ...host, region };
  }

  const studioBody = (changes: Record<string, unknown> = {}) => ({
    cloud_provider: 'AWS',
    organization_slug: organization.slug,
    name: `Project ${letters(10)}`,
    db_pass: 'correct horse battery staple',
    db_region: 'East US (Ohio)',
    desired_instance_size: 'micro',
    data_api_use_api_schema: false,
    high_availability: false,
    ...changes,
  });
  const create = (changes: Record<string, unknown> = {}, person: Person | null = owner) =>
    send(t, person, 'POST', '/platform/projects', studioBody(changes));

  test('answers Studio’s own body with a project that is coming up, in two round trips', async () => {
    await createHost(t);
    const name = `Shop ${letters(8)}`;
    t.roundTrips.reset();
    const { status, body } = await create({ name });
    expect(t.roundTrips.count).toBe(2);
    expect(status).toBe(201);
    expect(body).toMatchObject({ name, status: 'COMING_UP', organization_slug: organization.slug });
    expect(created.parse(body).ref).toMatch(/^[a-z]{20}$/);
    expect(created.parse(body).region).toBe('us-east-2');
  });

  test.skipIf(contractMissing !== null)('answers in the shape of the contract', async () => {
    await createHost(t);
    const { status, body } = await create();
    loadContract().expectConforms('POST', '/platform/projects', status, body);
  });

  test('leaves an audit row, a bumped host, sealed secrets and two keys behind', async () => {
    const host = await hostOfItsOwn();
    const before = await changeSequence(host);
    const { ref } = created.parse((await create({ db_region: host.region })).body);
    expect(await changeSequence(host)).toBe(before + 1);
    const { rows } = await t.client.execute({
      sql: `select (select count(*) from audit_entries where target = ? and action = 'project.create') as audited,
                   (select count(*) from project_secrets where ref = ?) as secrets,
                   (select group_concat(type, ',') from (select type from api_keys where ref = ? order by type)) as keys`,
      args: [ref, ref, ref],
    });
    expect(rows[0]).toMatchObject({ audited: 1, secrets: 1, keys: 'publishable,secret' });
  });

  test('writes no secret in the clear, in no table and in no log', async () => {
    await createHost(t);
    const password = `pass-${letters(24)}`;
    const { ref } = created.parse((await create({ db_pass: password })).body);
    const keys = z
      .array(z.object({ api_key: z.string() }))
      .parse((await send(t, owner, 'GET', `/v1/projects/${ref}/api-keys?reveal=true`)).body)
      .map(({ api_key }) => api_key);
    const settings = await send(t, owner, 'GET', `/platform/projects/${ref}/settings`);
    const { jwt_secret } = z.object({ jwt_secret: z.string().min(40) }).parse(settings.body);
    const everything = JSON.stringify([await allRows(), t.logged]);
    expect(everything).toContain(ref);
    for (const secret of [password, jwt_secret, ...keys]) expect(everything).not.toContain(secret);
  });

  test('gives twenty at once twenty refs and twenty blocks of ports', async () => {
    const host = await hostOfItsOwn();
    const answers = await Promise.all(Array.from({ length: 20 }, () => create({ db_region: host.region })));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
    expect(new Set(answers.map(({ body }) => created.parse(body).ref)).size).toBe(20);
    expect(await portsOn(host)).toEqual(Array.from({ length: 20 }, (_, index) => 20_000 + 10 * index));
  });

  test('spreads projects over the hosts that would do', async () => {
    const host = await hostOfItsOwn();
    const neighbour = await createHost(t);
    await t.client.execute({ sql: 'update hosts set region = ? where id = ?', args: [host.region, neighbour.id] });
    for (let index = 0; index < 6; index++) await create({ db_region: host.region });
    expect([(await portsOn(host)).length, (await portsOn(neighbour)).length]).toEqual([3, 3]);
  });

  test('lets one of two with the same name through', async () => {
    await createHost(t);
    const name = `Twin ${letters(8)}`;
    const answers = await Promise.all([create({ name }), create({ name })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    const again = await create({ name });
    expect(refused.parse(again.body).message).toContain('already exists in your organization');
  });

  test('shows a project without ports as failed with the reason, and gives it ports when some are free', async () => {
    const host = await hostOfItsOwn({ firstPort: 30_005, lastPort: 30_020 });
    const first = created.parse((await create({ db_region: host.region })).body);
    const { status, body } = await create({ db_region: host.region });
    expect(status).toBe(201);
    const second = created.parse(body);
    expect(second.status).toBe('INIT_FAILED');
    const detail = await send(t, owner, 'GET', `/platform/projects/${second.ref}/status`);
    expect(detail.body).toMatchObject({ status: 'INIT_FAILED', status_reason: expect.stringContaining('ports') });
    const health = await send(t, owner, 'GET', `/v1/projects/${second.ref}/health?services=db`);
    expect(health.body).toMatchObject([{ status: 'UNHEALTHY', error: expect.stringContaining('ports') }]);

    expect((await send(t, owner, 'POST', `/platform/projects/${second.ref}/restore`, {})).body).toMatchObject({
      status: 'INIT_FAILED',
    });
    await t.client.execute({ sql: 'delete from projects where ref = ?', args: [first.ref] });
    expect((await send(t, owner, 'POST', `/platform/projects/${second.ref}/restore`, {})).body).toMatchObject({
      status: 'RESTORING',
    });
    expect(await portsOn(host)).toEqual([30_005]);
  });

  test('takes the lowest gap, also where an older range was cut otherwise', async () => {
    const host = await hostOfItsOwn();
    const refs = [];
    for (let index = 0; index < 3; index++)
      refs.push(created.parse((await create({ db_region: host.region })).body).ref);
    await t.client.execute({ sql: 'delete from projects where ref = ?', args: [refs[1] ?? ''] });
    await create({ db_region: host.region });
    expect(await portsOn(host)).toEqual([20_000, 20_010, 20_020]);
    await t.client.execute({
      sql: 'update hosts set first_port = 20005, last_port = 20044 where id = ?',
      args: [host.id],
    });
    await create({ db_region: host.region });
    expect(await portsOn(host)).toEqual([20_000, 20_010, 20_020, 20_030]);
  });

  test('is refused clearly and without a trace when no host may take it', async () => {
    const host = await hostOfItsOwn();
    await t.client.execute({ sql: 'update hosts set cordoned = 1 where id = ?', args: [host.id] });
    const before = await count();
    const { status, body } = await create({ db_region: host.region });
    expect([status, await count()]).toEqual([409, before]);
    expect(refused.parse(body).message).toContain(host.region);
  });

  test('is refused to nobody, to strangers as if the organization were not there, and to developers', async () => {
    expect((await create({}, null)).status).toBe(401);
    expect((await create({}, stranger)).status).toBe(404);
    expect((await create({}, developer)).status).toBe(403);
    expect((await create({ organization_slug: 'x'.repeat(20) })).status).toBe(404);
    expect((await create({ organization_slug: '../etc' })).status).toBe(404);
  });

  test.each([
    ['a quote', `O'Reilly "& sons"`],
    ['a line break', 'one\ntwo: - three'],
    ['a shell', '$(touch /tmp/pwned) `id` ; rm -rf /'],
    ['SQL', `'); drop table projects; --`],
    ['an emoji', '🦀 crab 👩‍👩‍👧'],
    ['256 letters', 'ä'.repeat(256)],
  ])('takes a name with %s as it is', async (_, name) => {
    await createHost(t);
    const unique = name.length > 200 ? name : `${name} ${letters(6)}`;
    const { status, body } = await create({ name: unique });
    expect([status, created.parse(body).name]).toEqual([201, unique]);
  });

  test.each([
    ['name', { name: 'x'.repeat(1000) }],
    ['name', { name: '' }],
    ['name', { name: ' \n ' }],
    ['name', { name: 'bell \u0007' }],
    ['name', { name: 'half \ud800' }],
    ['name', { name: 7 }],
    ['db_pass', { db_pass: 'short' }],
    ['db_pass', { db_pass: `nul-${'x'.repeat(10)}\u0000` }],
    ['db_region', { db_region: 'Middle Earth (Mordor)' }],
    ['postgres_engine', { postgres_engine: '15' }],
    ['cloud_provider', { cloud_provider: 'GCP' }],
    ['high_availability', { high_availability: true }],
    ['data_api_use_api_schema', { data_api_use_api_schema: true }],
    ['data_api_exposed_schemas', { data_api_exposed_schemas: ['a,b'] }],
    ['db_sql', { db_sql: 'select 1' }],
    ['desired_instance_size', { desired_instance_size: 'galactic' }],
  ])('names %s in its refusal', async (field, changes) => {
    await createHost(t);
    const { status, body } = await create(changes);
    expect(status).toBe(400);
    expect(refused.parse(body).message).toContain(field);
  });

  test('decides itself what a client may not', async () => {
    await createHost(t);
    const { status, body } = await create({
      ref: 'a'.repeat(20),
      id: 1,
      power: 'removed',
      generation: 99,
      first_port: 1,
      host_id: 'elsewhere',
      status: 'ACTIVE_HEALTHY',
      organization_id: 1,
      __proto__: { region: 'x' },
    });
    const project = created.parse(body);
    expect([status, project.status]).toEqual([201, 'COMING_UP']);
    expect(project.ref).not.toBe('a'.repeat(20));
    const { rows } = await t.client.execute({
      sql: 'select power, generation, organization_id from projects where ref = ?',
      args: [project.ref],
    });
    expect(rows[0]).toMatchObject({ power: 'running', generation: 1, organization_id: organization.id });
  });

  async function portsOn(host: TestHost): Promise<unknown[]> {
    const { rows } = await t.client.execute({
      sql: 'select first_port from projects where host_id = ? and first_port is not null order by first_port',
      args: [host.id],
    });
    return rows.map((row) => row.first_port);
  }

  async function changeSequence(host: TestHost): Promise<number> {
    const { rows } = await t.client.execute({ sql: 'select change_sequence from hosts where id = ?', args: [host.id] });
    return Number(rows[0]?.change_sequence);
  }

  async function count(): Promise<unknown> {
    const { rows } = await t.client.execute({
      sql: 'select count(*) as count from projects where organization_id = ?',
      args: [organization.id],
    });
    return rows[0]?.count;
  }

  async function allRows(): Promise<unknown[]> {
    const tables = ['projects', 'project_secrets', 'api_keys', 'audit_entries', 'observations', 'hosts'];
    return Promise.all(tables.map(async (table) => (await t.client.execute(`select * from ${table}`)).rows));
  }
});
