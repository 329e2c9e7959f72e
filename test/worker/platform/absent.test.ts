import { beforeAll, describe, expect, test } from 'vitest';
import { absent } from '../../../worker/platform/absent.ts';
import { type Contract, contractMissing, loadContract } from '../../support/contract.ts';
import { createSeededApp, type Seeded } from '../../support/seeded.ts';

describe('what Studio asks and this product does not have', () => {
  let seeded: Seeded;
  beforeAll(async () => {
    seeded = await createSeededApp();
  });

  const ask = (route: string) => {
    const [method = '', path = ''] = route.split(' ');
    const url = path
      .replace('{ref}', seeded.ref)
      .replace('{slug}', seeded.organization.slug)
      .replaceAll(/\{\w+\}/g, '1');
    return seeded.app.request(url, { method, headers: seeded.owner.headers });
  };

  test('is in the table once each', () => {
    const routes = absent.map(({ route }) => route);
    expect(routes.filter((route, index) => routes.indexOf(route) !== index)).toEqual([]);
  });

  test('is answered by what is true, or refused with the name of what is missing, in one round trip', async () => {
    for (const { route, answer, until } of absent) {
      seeded.roundTrips.reset();
      const response = await ask(route);
      expect([route, response.status, await response.json()]).toEqual(
        answer === null
          ? [route, 404, expect.objectContaining({ code: 'not_available', message: expect.stringContaining(until) })]
          : [route, answer.status, answer.body],
      );
      expect([route, seeded.roundTrips.count]).toEqual([route, 1]);
    }
  });

  test.skipIf(contractMissing !== null)(`answers truths in the contract's shape ${contractMissing ?? ''}`, () => {
    const contract: Contract = loadContract();
    for (const { route, answer } of absent) {
      const [method = '', path = ''] = route.split(' ');
      if (answer !== null) contract.expectConforms(method, path, answer.status, answer.body);
    }
  });
});
