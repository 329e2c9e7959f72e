import { createRoute, z } from '@hono/zod-openapi';
import { currentUser } from '../accounts/current-user.ts';
import { signOut } from '../accounts/sign-out.ts';
import { authenticate } from '../http/authenticate.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { onAuthError } from './on-auth-error.ts';
import { toWireUser, userWire } from './to-wire-user.ts';

const user = createRoute({
  method: 'get',
  path: '/user',
  middleware: [authenticate],
  responses: { 200: { description: 'The signed-in user', content: { 'application/json': { schema: userWire } } } },
});

const logout = createRoute({
  method: 'post',
  path: '/logout',
  middleware: [authenticate],
  request: { query: z.object({ scope: z.enum(['global', 'local', 'others']).default('global') }) },
  responses: { 204: { description: 'Signed out' } },
});

const router = createRouter();
router.onError(onAuthError);

/** The signed-in user (`/auth/v1/user`) and signing out (`/auth/v1/logout`). */
export const authUser = router
  .openapi(user, async (c) => {
    const account = await currentUser(ctxOf(c));
    return c.json(toWireUser(account), 200);
  })
  .openapi(logout, async (c) => {
    await signOut(ctxOf(c), { scope: c.req.valid('query').scope });
    return c.body(null, 204);
  });
