import { createRoute, z } from '@hono/zod-openapi';
import { signUp } from '../accounts/sign-up.ts';
import { postBehind } from '../http/post-behind.ts';
import { createRouter } from '../http/router.ts';
import { isoTime } from '../projects/iso-time.ts';
import { challengeOf, mailFields, redirectQuery } from './mail-request.ts';
import { onAuthError } from './on-auth-error.ts';
import { toWireUser, userWire } from './to-wire-user.ts';

const signup = createRoute({
  method: 'post',
  path: '/signup',
  request: {
    query: redirectQuery,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({ ...mailFields, email: z.string().max(320), password: z.string().max(8192) }),
        },
      },
    },
  },
  responses: {
    200: {
      description: 'A user of that address, the same whether it has an account or not; its mail says how to go on',
      content: { 'application/json': { schema: userWire.extend({ confirmation_sent_at: z.string() }) } },
    },
  },
});

const router = createRouter();
router.onError(onAuthError);

/** Signing up (`/auth/v1/signup`). */
export const authSignUp = router.openapi(signup, async (c) => {
  const { email, password, ...body } = c.req.valid('json');
  const { user, letters } = await signUp(
    { deps: c.get('deps'), request: c.get('request') },
    {
      email,
      password,
      metadata: body.data ?? {},
      redirectTo: c.req.valid('query').redirect_to,
      codeChallenge: challengeOf(body),
    },
  );
  await postBehind(c, letters);
  return c.json({ ...toWireUser(user), confirmation_sent_at: isoTime(user.createdAt) }, 200);
});
