import { createRoute, z } from '@hono/zod-openapi';
import { changeEmail } from '../accounts/change-email.ts';
import { changeMetadata } from '../accounts/change-metadata.ts';
import { changePassword } from '../accounts/change-password.ts';
import { currentUser } from '../accounts/current-user.ts';
import type { AccountUser } from '../accounts/issue.ts';
import type { Origin } from '../accounts/one-time-token.ts';
import { requireSession } from '../accounts/require-session.ts';
import { signOut } from '../accounts/sign-out.ts';
import type { UserMetadata } from '../accounts/user-metadata.ts';
import type { Ctx } from '../deps.ts';
import { authenticate } from '../http/authenticate.ts';
import { postBehind } from '../http/post-behind.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import type { Letter } from '../mail/letter.ts';
import { challengeOf, mailFields, redirectQuery } from './mail-request.ts';
import { onAuthError } from './on-auth-error.ts';
import { toWireUser, userWire } from './to-wire-user.ts';

const user = createRoute({
  method: 'get',
  path: '/user',
  middleware: [authenticate],
  responses: { 200: { description: 'The signed-in user', content: { 'application/json': { schema: userWire } } } },
});

const update = createRoute({
  method: 'put',
  path: '/user',
  middleware: [authenticate],
  request: {
    query: redirectQuery,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({
            ...mailFields,
            email: z.string().max(320).optional(),
            password: z.string().max(8192).optional(),
            current_password: z.string().max(8192).optional(),
          }),
        },
      },
    },
  },
  responses: {
    200: { description: 'The user as it is now', content: { 'application/json': { schema: userWire } } },
  },
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

/** The signed-in user (`/auth/v1/user`), what they change of themselves, and signing out (`/auth/v1/logout`). */
export const authUser = router
  .openapi(user, async (c) => {
    const account = await currentUser(ctxOf(c));
    return c.json(toWireUser(account), 200);
  })
  .openapi(update, async (c) => {
    const ctx = ctxOf(c);
    const input = c.req.valid('json');
    const { account, letters } = await change(ctx, {
      ...input,
      currentPassword: input.current_password,
      redirectTo: c.req.valid('query').redirect_to,
      codeChallenge: challengeOf(input),
    });
    await postBehind(c, letters);
    return c.json(toWireUser(account), 200);
  })
  .openapi(logout, async (c) => {
    await signOut(ctxOf(c), { scope: c.req.valid('query').scope });
    return c.body(null, 204);
  });

type Changes = Origin & {
  email?: string | undefined;
  password?: string | undefined;
  currentPassword?: string | undefined;
  data?: UserMetadata | null | undefined;
};
type Changed = { account: AccountUser; letters: Letter[] };

/** What is refused first leaves the rest alone: metadata, then a password, then an address that is asked. */
async function change(ctx: Ctx, { data, email, password, currentPassword, ...origin }: Changes): Promise<Changed> {
  requireSession(ctx);
  const kept = data === undefined || data === null ? null : await changeMetadata(ctx, data);
  const first = password === undefined ? null : await changePassword(ctx, { password, currentPassword });
  const second = email === undefined ? null : await changeEmail(ctx, { email, ...origin });
  return {
    account: second?.account ?? first?.account ?? kept ?? (await currentUser(ctx)),
    letters: [...(first?.letters ?? []), ...(second?.letters ?? [])],
  };
}
