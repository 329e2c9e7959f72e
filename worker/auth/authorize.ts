import { createRoute, z } from '@hono/zod-openapi';
import { depart } from '../accounts/identities/depart.ts';
import { AppError } from '../errors.ts';
import { logRefusal } from '../http/log-refusal.ts';
import { createRouter } from '../http/router.ts';
import { onAuthError } from './on-auth-error.ts';
import { opensAPage } from './opens-a-page.ts';
import { redirectTarget } from './redirect-target.ts';
import { refusalAddress, refusalOf } from './refusal-address.ts';

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
  responses: {
    302: { description: 'To the identity provider, or a browser back to where it came from with a refusal' },
  },
});

const router = createRouter();
router.onError(onAuthError);

/** Leaving for an identity provider (`/auth/v1/authorize`). */
export const authAuthorize = router.openapi(authorization, async (c) => {
  const query = c.req.valid('query');
  const deps = c.get('deps');
  const request = c.get('request');
  c.header('Cache-Control', 'no-store');
  try {
    const url = await depart(
      { deps, request },
      {
        provider: query.provider,
        redirectTo: query.redirect_to,
        codeChallenge: query.code_challenge,
        codeChallengeMethod: query.code_challenge_method,
      },
    );
    return c.redirect(url, 302);
  } catch (error) {
    // a button led here: whoever pressed it left the page that could show an error
    const isTold = error instanceof AppError && query.redirect_to !== undefined && opensAPage(c.req);
    if (!isTold) throw error;
    logRefusal(error, { id: request.id, method: c.req.method, path: c.req.path }, deps.log);
    const isPkce = query.code_challenge !== undefined;
    return c.redirect(
      refusalAddress(redirectTarget(deps.config, query.redirect_to), refusalOf(error), { isPkce }),
      302,
    );
  }
});
