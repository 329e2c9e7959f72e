import { createRoute, z } from '@hono/zod-openapi';
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

const body = z.object({ ...newTokenFields, scope: z.literal('V0').optional() });

const tokenWire = z.object({
  id: z.int(),
  name: z.string(),
  token_alias: z.string(),
  created_at: z.string(),
  expires_at: z.string().nullable(),
  last_used_at: z.string().nullable(),
});

function toWire(token: AccessToken): z.infer<typeof tokenWire> {
  return { id: token.id, name: token.name, token_alias: token.alias, ...tokenTimes(token) };
}

const list = createRoute({
  method: 'get',
  path: '/profile/access-tokens',
  responses: { 200: answer(z.array(tokenWire), 'Tokens that may all their owner may, newest first') },
});

const create = createRoute({
  method: 'post',
  path: '/profile/access-tokens',
  request: { body: { required: true, content: { 'application/json': { schema: body } } } },
  responses: { 201: answer(tokenWire.extend({ token: z.string() }), 'The token, told this once') },
});

const get = createRoute({
  method: 'get',
  path: '/profile/access-tokens/{id}',
  request: { params: tokenId },
  responses: { 200: answer(tokenWire, 'The token') },
});

const revoke = createRoute({
  method: 'delete',
  path: '/profile/access-tokens/{id}',
  request: { params: tokenId },
  responses: { 200: answer(tokenWire, 'The token, which is refused from now on') },
});

/** Personal access tokens that nothing narrows (`/platform/profile/access-tokens`). */
export const accessTokens = createRouter()
  .openapi(list, async (c) => {
    const tokens = await listAccessTokens(ctxOf(c));
    return c.json(tokens.filter(isWhole).map(toWire), 200);
  })
  .openapi(create, async (c) => {
    const { name, expires_at: expiresAt } = c.req.valid('json');
    const { token, ...created } = await createAccessToken(ctxOf(c), { name, expiresAt });
    c.header('Cache-Control', 'no-store');
    return c.json({ ...toWire(created), token }, 201);
  })
  .openapi(get, async (c) => {
    const token = await findAccessToken(ctxOf(c), c.req.valid('param'));
    if (!isWhole(token)) throw notFound('Access token');
    return c.json(toWire(token), 200);
  })
  .openapi(revoke, async (c) => {
    const token = await revokeAccessToken(ctxOf(c), { ...c.req.valid('param'), among: isWhole });
    return c.json(toWire(token), 200);
  });

function isWhole(token: AccessToken): boolean {
  return !isScoped(token);
}
