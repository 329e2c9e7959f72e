import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { contractMissing, loadContract } from '../../support/contract.ts';
import { createSeededApp, type Seeded } from '../../support/seeded.ts';

const knownFeatures = z.object({
  components: z.object({
    schemas: z.object({
      ListEntitlementsResponse: z.object({
        properties: z.object({
          entitlements: z.object({
            items: z.object({
              properties: z.object({
                feature: z.object({ properties: z.object({ key: z.object({ enum: z.array(z.string()) }) }) }),
              }),
            }),
          }),
        }),
      }),
    }),
  }),
});

describe("what Studio's frame asks on every page", () => {
  let seeded: Seeded;
  beforeAll(async () => {
    seeded = await createSeededApp();
  });
  const ask = async (path: string, person = seeded.owner) => {
    const response = await seeded.app.request(path, { headers: person.headers });
    return { status: response.status, body: await response.json() };
  };

  test.skipIf(contractMissing !== null)(
    `no feature is missing, which would count as refused ${contractMissing ?? ''}`,
    async () => {
      const { components } = knownFeatures.parse(JSON.parse(loadContract().read('platform.openapi.json')));
      const { items } = components.schemas.ListEntitlementsResponse.properties.entitlements;
      const { body } = await ask(`/platform/organizations/${seeded.organization.slug}/entitlements`);
      const granted = z.array(z.object({ feature: z.object({ key: z.string() }), hasAccess: z.literal(true) }));
      const keys = granted.parse(body.entitlements).map(({ feature }) => feature.key);
      expect(keys.sort()).toEqual([...items.properties.feature.properties.key.enum].sort());
    },
  );

  test('resource warnings are there for the own project and organization, and not for those of others', async () => {
    const { ref, organization, owner, stranger } = seeded;
    for (const query of [`ref=${ref}`, `slug=${organization.slug}`]) {
      expect(await ask(`/platform/projects-resource-warnings?${query}`, owner)).toEqual({ status: 200, body: [] });
      expect((await ask(`/platform/projects-resource-warnings?${query}`, stranger)).status).toBe(404);
    }
  });

  test('nothing is charged, nothing is capped, and the plan has one name', async () => {
    const { slug } = seeded.organization;
    const plan = { id: 'enterprise', name: 'Self-hosted' };
    expect((await ask(`/platform/organizations/${slug}/billing/subscription`)).body).toMatchObject({
      plan,
      usage_billing_enabled: true,
      customer_balance: 0,
    });
    expect((await ask(`/platform/organizations/${slug}`)).body).toMatchObject({
      plan,
      usage_billing_enabled: true,
    });
  });

  test('the billing period is the calendar month around now', async () => {
    const { body } = await ask(`/platform/organizations/${seeded.organization.slug}/billing/subscription`);
    const now = seeded.clock.now() / 1000;
    expect(body.current_period_start).toBeLessThanOrEqual(now);
    expect(body.current_period_end).toBeGreaterThan(now);
    expect(body.current_period_end - body.current_period_start).toBeLessThanOrEqual(31 * 86_400);
  });

  test('settings of the data API show what the project has, and no secret', async () => {
    expect(await ask(`/platform/projects/${seeded.ref}/config/postgrest`, seeded.reader)).toMatchObject({
      status: 200,
      body: { db_schema: expect.stringContaining('public'), max_rows: 1000, jwt_secret: '' },
    });
  });

  test('flags answer a caller whose token has expired, as they answer one without', async () => {
    const response = await seeded.app.request('/platform/telemetry/feature-flags', {
      headers: { authorization: 'Bearer expired' },
    });
    expect([response.status, await response.json()]).toEqual([200, {}]);
  });
});
