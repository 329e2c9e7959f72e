import { createRoute, z } from '@hono/zod-openapi';
import { type Arrived, arrive } from '../accounts/identities/arrive.ts';
import { createRouter } from '../http/router.ts';
import { onAuthError } from './on-auth-error.ts';
import { refusalAddress } from './refusal-address.ts';

const longest = 4000;

const callback = createRoute({
  method: 'get',
  path: '/callback',
  request: {
    query: z.object({
      state: z.string().max(longest).optional(),
      code: z.string().max(longest).optional(),
      iss: z.string().max(longest).optional(),
      error: z.string().max(longest).optional(),
      error_description: z.string().max(longest).optional(),
    }),
  },
  responses: { 302: { description: 'To where the sign-in was started, with a session, a code or a refusal' } },
});

const router = createRouter();
router.onError(onAuthError);

/** Coming back from an identity provider (`/auth/v1/callback`). */
export const authCallback = router.openapi(callback, async (c) => {
  const { searchParams } = new URL(c.req.url);
  const arrived = await arrive({ deps: c.get('deps'), request: c.get('request') }, searchParams);
  c.header('Cache-Control', 'no-store');
  c.header('Referrer-Policy', 'no-referrer');
  return c.redirect(addressOf(arrived), 302);
});

/** Sessions and refusals go into the fragment, which no server sees; a code into the query, where clients look for it. */
function addressOf(arrived: Arrived): string {
  const url = new URL(arrived.redirectTo);
  switch (arrived.kind) {
    case 'code':
      url.searchParams.set('code', arrived.code);
      break;
    case 'session': {
      const { accessToken, expiresAt, expiresInSeconds, refreshToken } = arrived.session;
      url.hash = new URLSearchParams({
        access_token: accessToken,
        expires_at: String(expiresAt),
        expires_in: String(expiresInSeconds),
        refresh_token: refreshToken,
        token_type: 'bearer',
      }).toString();
      break;
    }
    case 'refused':
      return refusalAddress(arrived.redirectTo, arrived.refusal, arrived);
    default:
      arrived satisfies never;
  }
  return url.href;
}
