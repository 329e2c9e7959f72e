import { createRoute, z } from '@hono/zod-openapi';
import { requireAccount } from '../access/require-account.ts';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';

const profileWire = z.object({ gotrue_id: z.string(), primary_email: z.string(), username: z.string() });

const get = createRoute({
  method: 'get',
  path: '/profile',
  responses: { 200: answer(profileWire, 'The account that asks') },
});

/** Whose token it is (`/v1/profile`). */
export const v1Profile = createRouter().openapi(get, async (c) => {
  const { accountId, email, username } = await requireAccount(ctxOf(c));
  return c.json({ gotrue_id: accountId, primary_email: email, username }, 200);
});
