import { createRoute, z } from '@hono/zod-openapi';
import { exchangeCode } from '../accounts/identities/exchange-code.ts';
import type { IssuedSession } from '../accounts/issue.ts';
import { refresh } from '../accounts/refresh.ts';
import { signIn } from '../accounts/sign-in.ts';
import type { OpenCtx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { createRouter } from '../http/router.ts';
import { onAuthError } from './on-auth-error.ts';
import { sessionWire, toWireSession } from './to-wire-session.ts';

/** Whatever else clients send (`gotrue_meta_security` with a captcha's token) is ignored. */
const body = z.object({
  email: z.string().max(320).optional(),
  password: z.string().max(8192).optional(),
  refresh_token: z.string().max(512).optional(),
  auth_code: z.string().max(512).optional(),
  code_verifier: z.string().max(512).optional(),
});

const token = createRoute({
  method: 'post',
  path: '/token',
  request: {
    query: z.object({ grant_type: z.string().max(64).optional() }),
    body: { required: true, content: { 'application/json': { schema: body } } },
  },
  responses: {
    200: { description: 'A session', content: { 'application/json': { schema: sessionWire } } },
  },
});

const router = createRouter();
router.onError(onAuthError);

/** Signing in and refreshing (`/auth/v1/token`). */
export const authToken = router.openapi(token, async (c) => {
  const ctx = { deps: c.get('deps'), request: c.get('request') };
  const session = await grant(ctx, c.req.valid('query').grant_type, c.req.valid('json'));
  c.header('Cache-Control', 'no-store');
  return c.json(toWireSession(session), 200);
});

function grant(ctx: OpenCtx, type: string | undefined, input: z.infer<typeof body>): Promise<IssuedSession> {
  switch (type) {
    case 'password': {
      const { email, password } = input;
      if (email === undefined || email === '') throw new AppError('invalid_input', 'missing email or phone');
      if (password === undefined) throw new AppError('invalid_input', 'password: is missing');
      return signIn(ctx, { email, password });
    }
    case 'refresh_token': {
      if (input.refresh_token === undefined) throw new AppError('invalid_input', 'refresh_token: is missing');
      return refresh(ctx, { refreshToken: input.refresh_token });
    }
    case 'pkce': {
      const { auth_code: authCode = '', code_verifier: codeVerifier = '' } = input;
      if (authCode === '' || codeVerifier === '') {
        throw new AppError('invalid_input', 'invalid request: both auth code and code verifier should be non-empty');
      }
      return exchangeCode(ctx, { authCode, codeVerifier });
    }
    case 'id_token':
      throw new AppError('invalid_input', 'Signing in by an id token of a provider is not enabled', {
        body: { error_code: 'provider_disabled' },
      });
    default:
      throw new AppError('invalid_input', 'unsupported_grant_type', { body: { error_code: 'invalid_credentials' } });
  }
}
