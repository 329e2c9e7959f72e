import { createRoute, z } from '@hono/zod-openapi';
import { recover } from '../accounts/recover.ts';
import { signUp } from '../accounts/sign-up.ts';
import { postBehind } from '../http/post-behind.ts';
import { createRouter } from '../http/router.ts';

/** Studio sends a captcha's token as well; nothing here asks for one. */
const address = z.object({ email: z.string().max(320), redirectTo: z.string().max(2048).optional() });

const signup = createRoute({
  method: 'post',
  path: '/signup',
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: address.extend({ password: z.string().max(8192) }) } },
    },
  },
  responses: { 201: { description: 'A mail says how to go on, whether the address has an account or not' } },
});

const resetPassword = createRoute({
  method: 'post',
  path: '/reset-password',
  request: { body: { required: true, content: { 'application/json': { schema: address } } } },
  responses: { 201: { description: 'A mail is on its way if the address has an account' } },
});

/** What Studio's pages ask before anyone is signed in: signing up and getting a new password. */
export const signupRoute = createRouter()
  .openapi(signup, async (c) => {
    const { letters } = await signUp({ deps: c.get('deps'), request: c.get('request') }, c.req.valid('json'));
    await postBehind(c, letters);
    return c.body(null, 201);
  })
  .openapi(resetPassword, async (c) => {
    const letters = await recover({ deps: c.get('deps'), request: c.get('request') }, c.req.valid('json'));
    await postBehind(c, letters);
    return c.body(null, 201);
  });
