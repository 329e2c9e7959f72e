import { createRoute, z } from '@hono/zod-openapi';
import { unlink } from '../accounts/identities/unlink.ts';
import { AppError } from '../errors.ts';
import { authenticate } from '../http/authenticate.ts';
import { requireCredential } from '../http/require-credential.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { onAuthError } from './on-auth-error.ts';

const middleware = [authenticate, requireCredential];

const removal = createRoute({
  method: 'delete',
  path: '/user/identities/{identity_id}',
  middleware,
  request: { params: z.object({ identity_id: z.string().max(100) }) },
  responses: { 200: { description: 'Removed', content: { 'application/json': { schema: z.object({}) } } } },
});

const linking = createRoute({
  method: 'get',
  path: '/user/identities/authorize',
  middleware,
  responses: { 404: { description: 'Identities are linked by signing in with them' } },
});

const sso = createRoute({
  method: 'post',
  path: '/sso',
  responses: { 404: { description: 'There are no SAML providers' } },
});

const router = createRouter();
router.onError(onAuthError);

/** Identities of the signed-in user (`/auth/v1/user/identities`), and single sign-on, which there is none of. */
export const authIdentities = router
  .openapi(linking, () => {
    throw new AppError('not_found', 'Manual linking is disabled', { body: { error_code: 'manual_linking_disabled' } });
  })
  .openapi(removal, async (c) => {
    await unlink(ctxOf(c), { identityId: c.req.valid('param').identity_id });
    return c.json({}, 200);
  })
  .openapi(sso, () => {
    throw new AppError('not_found', 'No SSO provider assigned for this domain', {
      body: { error_code: 'sso_provider_not_found' },
    });
  });
