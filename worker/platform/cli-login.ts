import { createRoute, z } from '@hono/zod-openapi';
import { collectCliLogin, startCliLogin } from '../accounts/cli-login.ts';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { isoTime } from '../projects/iso-time.ts';
import { givenName } from '../projects/name.ts';

const startBody = z.object({
  session_id: z.uuid(),
  public_key: z.string().max(200),
  token_name: givenName.optional(),
});

const start = createRoute({
  method: 'post',
  path: '/cli/login',
  request: { body: { required: true, content: { 'application/json': { schema: startBody } } } },
  responses: {
    201: answer(z.object({ nonce: z.string() }), 'A token waits for the CLI; the first eight digits are its code'),
  },
});

const loginWire = z.object({
  id: z.string(),
  created_at: z.string(),
  access_token: z.string(),
  public_key: z.string(),
  nonce: z.string(),
});

const collect = createRoute({
  method: 'get',
  path: '/cli/login/{session_id}',
  request: {
    params: z.object({ session_id: z.string().max(100) }),
    query: z.object({ device_code: z.string().max(64).default('') }),
  },
  responses: { 200: answer(loginWire, 'The access token, encrypted for the CLI that asked; told once') },
});

/** `supabase login` in the browser, where somebody is signed in (`/platform/cli/login`). */
export const cliLogin = createRouter().openapi(start, async (c) => {
  const { session_id, public_key, token_name } = c.req.valid('json');
  const started = await startCliLogin(ctxOf(c), {
    sessionId: session_id,
    publicKey: public_key,
    tokenName: token_name,
  });
  c.header('Cache-Control', 'no-store');
  return c.json(started, 201);
});

/** `supabase login` at the CLI, which has no account yet. */
export const cliLoginCollected = createRouter().openapi(collect, async (c) => {
  const login = await collectCliLogin(
    { deps: c.get('deps'), request: c.get('request') },
    { sessionId: c.req.valid('param').session_id, code: c.req.valid('query').device_code },
  );
  c.header('Cache-Control', 'no-store');
  return c.json(
    {
      id: login.sessionId,
      created_at: isoTime(login.createdAt),
      access_token: login.encryptedToken,
      public_key: login.publicKey,
      nonce: login.nonce,
    },
    200,
  );
});
