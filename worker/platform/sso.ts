import { createRoute } from '@hono/zod-openapi';
import { requireMember } from '../access/require-member.ts';
import { AppError } from '../errors.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { slugParams } from '../http/wire/params.ts';

const get = createRoute({
  method: 'get',
  path: '/organizations/{slug}/sso',
  request: { params: slugParams },
  responses: { 404: { description: 'No organization has a provider of its own' } },
});

/** Single sign-on of an organization (`/platform/organizations/{slug}/sso`): none, in the words Studio knows that by. */
export const sso = createRouter().openapi(get, async (c) => {
  await requireMember(ctxOf(c), c.req.valid('param').slug, 'organization:read');
  throw new AppError('not_found', 'Failed to find an existing SSO Provider');
});
