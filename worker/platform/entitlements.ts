import { createRoute } from '@hono/zod-openapi';
import { requireMember } from '../access/require-member.ts';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { entitlements, entitlementsWire } from '../http/wire/entitlements.ts';
import { slugParams } from '../http/wire/params.ts';

const list = createRoute({
  method: 'get',
  path: '/organizations/{slug}/entitlements',
  request: { params: slugParams },
  responses: { 200: answer(entitlementsWire, 'What the organization may use') },
});

/** Features of an organization (`/platform/organizations/{slug}/entitlements`). */
export const entitlementRoutes = createRouter().openapi(list, async (c) => {
  await requireMember(ctxOf(c), c.req.valid('param').slug, 'organization:read');
  return c.json({ entitlements }, 200);
});
