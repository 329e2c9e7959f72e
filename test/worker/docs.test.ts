import { z } from '@hono/zod-openapi';
import { beforeAll, describe, expect, test } from 'vitest';
import { absent } from '../../worker/platform/absent.ts';
import { openDoors, routes } from '../../worker/routes.ts';
import { createTestApp, type TestApp } from '../support/app.ts';

const document = z.object({
  openapi: z.literal('3.1.0'),
  paths: z.record(
    z.string(),
    z.record(z.string(), z.object({ responses: z.record(z.string(), z.object({ content: z.unknown().optional() })) })),
  ),
});

/** Answered with nothing. */
const empty = [
  'DELETE /platform/organizations/{slug}',
  'DELETE /platform/organizations/{slug}/members/invitations/{id}',
  'DELETE /platform/organizations/{slug}/members/{gotrue_id}',
  'DELETE /platform/organizations/{slug}/members/{gotrue_id}/roles/{role_id}',
  'DELETE /platform/projects/{ref}/billing/addons/{addon_variant}',
  'DELETE /v1/projects/{ref}/billing/addons/{addon_variant}',
  'PATCH /platform/notifications/archive-all',
  'PATCH /platform/organizations/{slug}/members/{gotrue_id}',
  'PATCH /v1/projects/{ref}/billing/addons',
  'POST /agent/v1/leave',
  'POST /auth/v1/logout',
  'POST /platform/organizations/{slug}/members/invitations',
  'POST /platform/organizations/{slug}/members/invitations/{token}',
  'POST /platform/profile/audit-login',
  'POST /platform/projects/{ref}/billing/addons',
  'POST /platform/projects/{ref}/pause',
  'POST /platform/projects/{ref}/restart',
  'POST /platform/projects/{ref}/restart-services',
  'POST /platform/reset-password',
  'POST /platform/signup',
  'POST /platform/telemetry/event',
  'POST /platform/telemetry/feature-flags/track',
  'POST /platform/telemetry/identify',
  'POST /platform/telemetry/reset',
  'POST /v1/projects/{ref}/pause',
  'POST /v1/projects/{ref}/restore',
  'PUT /platform/organizations/{slug}/members/{gotrue_id}/roles/{role_id}',
  'PUT /platform/update-email',
];
/** Passed on as the project itself answers. */
const passedOn = /\/pg-meta\/|\/projects\/\{ref\}\/(api|database)\//;

describe('whoever writes a client', () => {
  let t: TestApp;

  beforeAll(async () => {
    t = await createTestApp();
  });

  const read = async () => document.parse(await (await t.app.request('/docs/openapi.json')).json());

  test('reads about every route that is served, without an account and without a query', async () => {
    t.roundTrips.reset();
    const { paths } = await read();
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = [...openDoors(), ...routes()].flatMap(({ path, router }) =>
      router.openAPIRegistry.definitions.flatMap((definition) => {
        if (definition.type !== 'route') return [];
        return [`${definition.route.method.toUpperCase()} ${path === '/' ? '' : path}${definition.route.path}`];
      }),
    );
    expect(described.sort()).toEqual(served.sort());
    expect(t.roundTrips.count).toBe(0);
  });

  test('is promised nothing that is refused as not available', async () => {
    const { paths } = await read();
    const promised = absent.filter(({ route }) => {
      const [method = '', path = ''] = route.split(' ');
      return paths[path]?.[method.toLowerCase()] !== undefined;
    });
    expect(promised).toEqual([]);
  });

  test('reads what each answer looks like, but those that have no body or are the project’s own', async () => {
    const { paths } = await read();
    const silent = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { responses }]) => {
        const bodies = Object.entries(responses).filter(([status]) => status.startsWith('2'));
        const isDescribed = bodies.length === 0 || bodies.some(([, { content }]) => content !== undefined);
        return isDescribed ? [] : [`${method.toUpperCase()} ${path}`];
      }),
    );
    expect(silent.filter((route) => !passedOn.test(route)).sort()).toEqual(empty);
  });

  test('finds the document from a page that loads nothing from anywhere', async () => {
    const response = await t.app.request('/docs');
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    const html = await response.text();
    expect(html).toContain('href="/docs/openapi.json"');
    expect(html).not.toMatch(/<script|https?:\/\//);
  });
});
