import { createRoute, z } from '@hono/zod-openapi';
import { AppError } from '../errors.ts';
import { createRouter } from '../http/router.ts';

const signup = createRoute({
  method: 'post',
  path: '/signup',
  request: {
    body: {
      required: true,
      content: {
        'application/json': { schema: z.object({ email: z.string().max(320), password: z.string().max(8192) }) },
      },
    },
  },
  responses: { 403: { description: 'Accounts are made by operators' } },
});

/** Signing up (`/platform/signup`): closed. */
export const signupRoute = createRouter().openapi(signup, () => {
  throw new AppError('forbidden', 'Signing up is closed here; ask an operator of this control plane for an account');
});
