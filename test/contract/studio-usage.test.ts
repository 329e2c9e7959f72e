import { beforeAll, describe, expect, test } from 'vitest';
import { absent, laterCapabilities } from '../../worker/platform/absent.ts';
import { type Contract, contractMissing, loadContract } from '../support/contract.ts';
import { send } from '../support/requests.ts';
import { registeredRoutes } from '../support/routes.ts';
import { createSeededApp, newProject, observeHealthy, type Seeded } from '../support/seeded.ts';
import { situationOf } from '../support/situations.ts';

/** Rows of the table of what is absent. May only fall: whoever serves one of them lowers it. */
const absentAtMost = 348;

const order = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

describe.skipIf(contractMissing !== null)(`everything that Studio calls ${contractMissing ?? ''}`, () => {
  let seeded: Seeded;
  let contract: Contract;
  let served: Set<string>;
  const rows = new Map(absent.map((row) => [row.route, row]));
  const operations =
    contractMissing === null
      ? loadContract()
          .operations()
          .map(({ method, path, priority }) => ({ name: `${method} ${path}`, method, path, priority }))
          .toSorted((one, other) => order.indexOf(one.method) - order.indexOf(other.method))
      : [];

  beforeAll(async () => {
    contract = loadContract();
    seeded = await createSeededApp();
    const absentRoutes = new Set(absent.map(({ route }) => plain(route)));
    served = new Set(
      registeredRoutes(seeded.app)
        .map(({ name }) => plain(name))
        .filter((name) => !absentRoutes.has(name)),
    );
  });

  test('is served, or in the one table of what is absent', () => {
    const missing = operations.filter(({ name }) => !isServed(name) && !rows.has(name)).map(({ name }) => name);
    expect(missing).toEqual([]);
  });

  test(`is absent (${absent.length} operations) only when nobody needs it here, or until a capability that is named`, () => {
    const priorities = new Map(operations.map(({ name, priority }) => [name, priority]));
    const capabilities: readonly string[] = laterCapabilities;
    const unnamed = absent.filter(({ route, until }) => {
      const priority = priorities.get(route) ?? 'not called by Studio';
      return !capabilities.includes(until) && priority !== 'P3' && priority !== 'not called by Studio';
    });
    expect(unnamed).toEqual([]);
    expect(absent.length).toBeLessThanOrEqual(absentAtMost);
  });

  test.each(operations.map((operation) => [operation.name, operation] as const))(
    '%s',
    async (name, { method, path }) => {
      const row = rows.get(name);
      const ref = method !== 'GET' && path.includes('{ref}') ? await freshProject() : seeded.ref;
      const situation = await situationOf(seeded, name, ref);
      const { status, body } = await send(seeded, situation.as, method, situation.url, situation.body);
      const said = `${name}: ${status} ${JSON.stringify(body)}`;
      if (row !== undefined && row.answer === null) {
        expect([status, body], said).toEqual([404, expect.objectContaining({ code: 'not_available' })]);
        expect(body).toMatchObject({ message: expect.stringContaining(row.until) });
      } else if (situation.refused !== undefined) {
        expect([status, body], said).toEqual([
          situation.refused.status,
          expect.objectContaining({ message: expect.stringMatching(situation.refused.message) }),
        ]);
      } else {
        expect(status, said).toBeLessThan(300);
        if (contract.describes(method, path)) contract.expectConforms(method, path, status, body ?? undefined);
      }
    },
  );

  const isServed = (name: string) => served.has(plain(name)) || served.has(plain(name.replace(/^HEAD /, 'GET ')));
  const freshProject = async (): Promise<string> => {
    const made = await send(
      seeded,
      seeded.owner,
      'POST',
      '/platform/projects',
      newProject(seeded.organization.slug, `Fresh ${Math.random()}`),
    );
    const { ref } = made.body as { ref: string };
    await observeHealthy(seeded, ref);
    return ref;
  };
});

/** `GET /platform/projects/:`, whatever the parameters are called. */
function plain(route: string): string {
  return route.replaceAll(/\{\w+\}|:\w+(\{[^}]*\})?/g, ':');
}
