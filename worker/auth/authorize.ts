import { createRoute, z } from '@hono/zod-openapi';
import { depart } from '../accounts/identities/depart.ts';
import { createRouter } from '../http/router.ts';
import { onAuthError } from './on-auth-error.ts';

const authorization = createRoute({
  method: 'get',
  path: '/authorize',
  request: {
    query: z.object({
      provider: z.string().max(64).default(''),
      redirect_to: z.string().max(2000).optional(),
      // nobody gets a provider's token here, so what it may reach is for the configuration alone to say
      scopes: z.string().max(1000).optional(),
      code_challenge: z.string().max(200).optional(),
      code_challenge_method: z.string().max(16).optional(),
    }),
  },
  responses: { 302: { description: 'To the identity provider' } },
});

const router = createRouter();
router.onError(onAuthError);

/** Leaving for an identity provider (`/auth/v1/authorize`). */
export const authAuthorize = router.openapi(authorization, async (c) => {
  const query = c.req.valid('query');
  const url = await depart(
    { deps: c.get('deps'), request: c.get('request') },
    {
      provider: query.provider,
      redirectTo: query.redirect_to,
      codeChallenge: query.code_challenge,
      codeChallengeMethod: query.code_challenge_method,
    },
  );
  c.header('Cache-Control', 'no-store');
  return c.redirect(url, 302);
});
