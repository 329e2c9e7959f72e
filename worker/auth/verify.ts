import { createRoute, z } from '@hono/zod-openapi';
import type { IssuedSession } from '../accounts/issue.ts';
import {
  followLink,
  type VerificationType,
  type Verified,
  verificationTypes,
  verifyCode,
  verifyToken,
} from '../accounts/verify.ts';
import type { OpenCtx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { logRefusal } from '../http/log-refusal.ts';
import { postBehind } from '../http/post-behind.ts';
import { createRouter } from '../http/router.ts';
import { onAuthError } from './on-auth-error.ts';
import { opensAPage } from './opens-a-page.ts';
import { redirectTarget } from './redirect-target.ts';
import { refusalAddress, refusalOf } from './refusal-address.ts';
import { sessionWire, toWireSession } from './to-wire-session.ts';

const link = createRoute({
  method: 'get',
  path: '/verify',
  request: {
    query: z.object({
      token: z.string().max(512).optional(),
      type: z.string().max(64).optional(),
      redirect_to: z.string().max(2048).optional(),
    }),
  },
  responses: { 303: { description: 'To where the link leads, with a session, a code or an error in the address' } },
});

const body = z.object({
  type: z.enum(verificationTypes),
  /** the code of the mail, with the address it went to */
  token: z.string().max(64).optional(),
  email: z.string().max(320).optional(),
  /** what the mail's link has as its token */
  token_hash: z.string().max(512).optional(),
});

const verification = createRoute({
  method: 'post',
  path: '/verify',
  request: { body: { required: true, content: { 'application/json': { schema: body } } } },
  responses: {
    200: { description: 'A session', content: { 'application/json': { schema: sessionWire } } },
  },
});

const router = createRouter();
router.onError(onAuthError);

/** What mails ask for (`/auth/v1/verify`): their link is followed, or their code typed in. */
export const authVerify = router
  .openapi(link, async (c) => {
    const { token = '', type = '', redirect_to } = c.req.valid('query');
    const deps = c.get('deps');
    const target = new URL(redirectTarget(deps.config, redirect_to));
    c.header('Cache-Control', 'no-store');
    c.header('Referrer-Policy', 'no-referrer');
    // programs that look at links in mails ask like this; the person is still to come
    if (c.req.raw.method === 'HEAD') return c.redirect(target.href, 303);
    try {
      const { given, letters } = await followLink({ deps, request: c.get('request') }, { type: known(type), token });
      await postBehind(c, letters);
      if ('code' in given) target.searchParams.set('code', given.code);
      else target.hash = sessionFragment(given, type);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.body.error_code !== 'otp_expired' && !opensAPage(c.req)) throw error;
      logRefusal(error, { id: c.get('request').id, method: c.req.method, path: c.req.path }, deps.log);
      return c.redirect(refusalAddress(target.href, refusalOf(error), { isPkce: false }), 303);
    }
    return c.redirect(target.href, 303);
  })
  .openapi(verification, async (c) => {
    const ctx = { deps: c.get('deps'), request: c.get('request') };
    const { given, letters } = await verify(ctx, c.req.valid('json'));
    await postBehind(c, letters);
    c.header('Cache-Control', 'no-store');
    return c.json(toWireSession(given), 200);
  });

function verify(ctx: OpenCtx, input: z.infer<typeof body>): Promise<Verified<IssuedSession>> {
  const { type, token, email, token_hash: hash } = input;
  if (hash !== undefined) return verifyToken(ctx, { type, token: hash });
  if (token === undefined || email === undefined) {
    throw new AppError('invalid_input', 'token: goes with an email; or send a token_hash');
  }
  return verifyCode(ctx, { type, email, code: token.replaceAll(/[\s-]/g, '') });
}

/** A link that was tampered with is one that does not work. */
function known(type: string): VerificationType {
  const found = verificationTypes.find((name) => name === type);
  if (found !== undefined) return found;
  throw new AppError('forbidden', 'Email link is invalid or has expired', { body: { error_code: 'otp_expired' } });
}

function sessionFragment(session: IssuedSession, type: string): string {
  return new URLSearchParams({
    access_token: session.accessToken,
    expires_at: String(session.expiresAt),
    expires_in: String(session.expiresInSeconds),
    refresh_token: session.refreshToken,
    token_type: 'bearer',
    type,
  }).toString();
}
