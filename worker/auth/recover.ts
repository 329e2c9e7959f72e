import { createRoute, z } from '@hono/zod-openapi';
import { recover, resend } from '../accounts/recover.ts';
import { postBehind } from '../http/post-behind.ts';
import { createRouter } from '../http/router.ts';
import { challengeOf, mailFields, redirectQuery } from './mail-request.ts';
import { onAuthError } from './on-auth-error.ts';

const nothing = {
  description: 'The same whether a mail goes out or not',
  content: { 'application/json': { schema: z.object({}) } },
};

const recovery = createRoute({
  method: 'post',
  path: '/recover',
  request: {
    query: redirectQuery,
    body: {
      required: true,
      content: { 'application/json': { schema: z.object({ ...mailFields, email: z.string().max(320) }) } },
    },
  },
  responses: { 200: nothing },
});

const again = createRoute({
  method: 'post',
  path: '/resend',
  request: {
    query: redirectQuery,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({ ...mailFields, type: z.enum(['signup', 'email_change']), email: z.string().max(320) }),
        },
      },
    },
  },
  responses: { 200: nothing },
});

const router = createRouter();
router.onError(onAuthError);

/** Mails by which people get in without their password (`/auth/v1/recover`), or once more (`/auth/v1/resend`). */
export const authRecover = router
  .openapi(recovery, async (c) => {
    const { email, ...body } = c.req.valid('json');
    const letters = await recover(
      { deps: c.get('deps'), request: c.get('request') },
      { email, redirectTo: c.req.valid('query').redirect_to, codeChallenge: challengeOf(body) },
    );
    await postBehind(c, letters);
    return c.json({}, 200);
  })
  .openapi(again, async (c) => {
    const { email, type, ...body } = c.req.valid('json');
    const letters = await resend(
      { deps: c.get('deps'), request: c.get('request') },
      { kind: type, email, redirectTo: c.req.valid('query').redirect_to, codeChallenge: challengeOf(body) },
    );
    await postBehind(c, letters);
    return c.json({}, 200);
  });
