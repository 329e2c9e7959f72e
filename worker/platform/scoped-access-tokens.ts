import { createRoute, z } from '@hono/zod-openapi';
import { tokenPermissions } from '../../schema/token-permissions.ts';
import { type AccessToken, isScoped } from '../accounts/access-token.ts';
import { createAccessToken } from '../accounts/create-access-token.ts';
import { findAccessToken } from '../accounts/find-access-token.ts';
import { listAccessTokens } from '../accounts/list-access-tokens.ts';
import { revokeAccessToken } from '../accounts/revoke-access-token.ts';
import { notFound } from '../errors.ts';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { newTokenFields, tokenId, tokenTimes } from './access-token-wire.ts';

/** An empty list would read as "nothing" and mean "everything": what is not limited is left out. */
const listed = z.array(z.string().max(64)).min(1).max(100).optional();

const body = z.object({
  ...newTokenFields,
  permissions: z
    .array(z.enum(tokenPermissions))
    .min(1)
    .max(2 * tokenPermissions.length),
  organization_slugs: listed,
  project_refs: listed,
});

const listedWire = z.object({
  /** a text, unlike that of other tokens */
  id: z.string(),
  name: z.string(),
  token_alias: z.string(),
  created_at: z.string(),
  expires_at: z.string().nullable(),
  last_used_at: z.string().nullable(),
});

const tokenWire = listedWire.extend({
  permissions: z.array(z.string()),
  organization_slugs: z.array(z.string()).optional(),
  project_refs: z.array(z.string()).optional(),
});

function toListed(token: AccessToken): z.infer<typeof listedWire> {
  return { id: String(token.id), name: token.name, token_alias: token.alias, ...tokenTimes(token) };
}

function toWire(token: AccessToken): z.infer<typeof tokenWire> {
  const { organizationSlugs, permissions, projectRefs } = token;
  return {
    ...toListed(token),
    permissions: [...(permissions ?? tokenPermissions)],
    ...(organizationSlugs.length > 0 && { organization_slugs: organizationSlugs }),
    ...(projectRefs.length > 0 && { project_refs: projectRefs }),
  };
}

const list = createRoute({
  method: 'get',
  path: '/profile/scoped-access-tokens',
  responses: { 200: answer(z.object({ tokens: z.array(listedWire) }), 'Tokens that are limited, newest first') },
});

const create = createRoute({
  method: 'post',
  path: '/profile/scoped-access-tokens',
  request: { body: { required: true, content: { 'application/json': { schema: body } } } },
  responses: { 201: answer(tokenWire.extend({ token: z.string() }), 'The token, told this once') },
});

const get = createRoute({
  method: 'get',
  path: '/profile/scoped-access-tokens/{id}',
  request: { params: tokenId },
  responses: { 200: answer(tokenWire, 'The token and what it is limited to') },
});

const revoke = createRoute({
  method: 'delete',
  path: '/profile/scoped-access-tokens/{id}',
  request: { params: tokenId },
  responses: { 200: answer(tokenWire, 'The token, which is refused from now on') },
});

/** Personal access tokens limited to permissions, organizations or projects (`/platform/profile/scoped-access-tokens`). */
export const scopedAccessTokens = createRouter()
  .openapi(list, async (c) => {
    const tokens = await listAccessTokens(ctxOf(c));
    return c.json({ tokens: tokens.filter(isScoped).map(toListed) }, 200);
  })
  .openapi(create, async (c) => {
    const input = c.req.valid('json');
    const { token, ...created } = await createAccessToken(ctxOf(c), {
      name: input.name,
      expiresAt: input.expires_at,
      permissions: input.permissions,
      organizationSlugs: input.organization_slugs,
      projectRefs: input.project_refs,
    });
    c.header('Cache-Control', 'no-store');
    return c.json({ ...toWire(created), token }, 201);
  })
  .openapi(get, async (c) => {
    const token = await findAccessToken(ctxOf(c), c.req.valid('param'));
    if (!isScoped(token)) throw notFound('Access token');
    return c.json(toWire(token), 200);
  })
  .openapi(revoke, async (c) => {
    const token = await revokeAccessToken(ctxOf(c), { ...c.req.valid('param'), among: isScoped });
    return c.json(toWire(token), 200);
  });
