import { beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../../../agent/stack/sizes.ts';
import { instanceCompute, instanceSizes } from '../../../schema/instance-sizes.ts';
import { contractMissing, loadContract } from '../../support/contract.ts';
import { send } from '../../support/requests.ts';
import { createSeededApp, observeHealthy, type Seeded } from '../../support/seeded.ts';

const doors = ['/platform', '/v1'] as const;

describe.each(doors)('compute sizes as add-ons of %s', (door) => {
  let t: Seeded;
  const path = '/projects/{ref}/billing/addons';
  const apply = door === '/v1' ? 'PATCH' : 'POST';

  beforeEach(async () => {
    t = await createSeededApp();
    await t.client.execute({
      sql: "update hosts set runtime = 'compose' where id = (select host_id from projects where ref = ?)",
      args: [t.ref],
    });
  });

  const call = (method: string, below = '', body?: unknown) =>
    send(t, t.owner, method, `${door}${path.replace('{ref}', t.ref)}${below}`, body);
  const addon = (addon_variant: string, addon_type = 'compute_instance') => ({ addon_type, addon_variant });
  const list = async () => {
    const { status, body } = await call('GET');
    if (contractMissing === null) loadContract().expectConforms('GET', `${door}${path}`, status, body);
    return body;
  };
  const sizeNow = async () => {
    const { body } = await send(t, t.owner, 'GET', `/platform/projects/${t.ref}`);
    return [Reflect.get(Object(body), 'infra_compute_size'), Reflect.get(Object(body), 'status')];
  };

  test('are all offered, with the one that the project has', async () => {
    const id = door === '/v1' ? 'id' : 'identifier';
    expect(await list()).toMatchObject({
      selected_addons: [
        { type: 'compute_instance', variant: { [id]: 'ci_micro', meta: { memory_gb: 1, cpu_cores: 2 } } },
      ],
      available_addons: [{ type: 'compute_instance', variants: { length: 18 } }],
    });
  });

  test('are applied and removed', async () => {
    expect((await call(apply, '', addon('ci_large'))).status).toBe(door === '/v1' ? 200 : 201);
    expect(await sizeNow()).toEqual(['large', 'RESIZING']);
    await observeHealthy(t, t.ref);
    expect((await call('DELETE', '/ci_small')).status).toBe(409);
    expect((await call('DELETE', '/ci_large')).status).toBe(200);
    expect(await sizeNow()).toEqual(['nano', 'RESIZING']);
    expect(await list()).toMatchObject({ selected_addons: [] });
  });

  test('are the only add-ons there are, and no stranger learns even that', async () => {
    const refused = await call(apply, '', addon('pitr_7', 'pitr'));
    expect(refused.body).toMatchObject({ code: 'not_available', message: expect.stringContaining('pitr_7') });
    expect((await call('DELETE', '/ipv4_default')).body).toMatchObject({ code: 'not_available' });
    expect((await call(apply, '', addon('ci_galactic'))).status).toBe(400);
    const url = `${door}${path.replace('{ref}', t.ref)}`;
    const strange = await send(t, t.stranger, apply, url, addon('pitr_7', 'pitr'));
    expect([strange.status, strange.body]).toMatchObject([404, { code: 'not_found' }]);
    expect((await send(t, t.reader, apply, url, addon('pitr_7', 'pitr'))).status).toBe(403);
    expect(await sizeNow()).toEqual(['micro', 'ACTIVE_HEALTHY']);
  });

  test('are none where no containers limit anything, but for the one that Studio would put a price on', async () => {
    await t.client.execute({
      sql: "update hosts set runtime = 'embedded' where id = (select host_id from projects where ref = ?)",
      args: [t.ref],
    });
    const variants = [{ [door === '/v1' ? 'id' : 'identifier']: 'ci_micro' }];
    expect(await list()).toMatchObject({ selected_addons: [], available_addons: [{ variants }] });
  });
});

test('what Studio shows of a size is what a host gives its containers', () => {
  for (const size of instanceSizes) expect(limits(size, 'db'), size).toEqual(instanceCompute[size]);
});

test('the size of a disk is refused, since a project has none of its own', async () => {
  const t = await createSeededApp();
  const { body } = await send(t, t.owner, 'POST', `/platform/projects/${t.ref}/resize`, { volume_size_gb: 8 });
  expect(body).toMatchObject({ code: 'not_available', message: expect.stringContaining('disk sizes') });
});
