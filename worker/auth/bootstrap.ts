import { createRoute, z } from '@hono/zod-openapi';
import { bootstrap } from '../accounts/bootstrap.ts';
import type { Config } from '../deps.ts';
import { notFound, unauthenticated } from '../errors.ts';
import { bearerToken } from '../http/bearer-token.ts';
import { createRouter } from '../http/router.ts';
import { isSameSecret } from './secrets.ts';

const route = createRoute({
  method: 'post',
  path: '/bootstrap',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({
            email: z.string().max(254),
            password: z.string().max(8192),
            organization_name: z
              .string()
              .trim()
              .min(1)
              .max(256)
              .regex(/^\P{Cc}*$/u, 'must not hold control characters'),
            /** chosen by a caller that keeps it first, so that an answer that gets lost costs nothing */
            access_token: z
              .string()
              .regex(/^sbp_[0-9a-f]{40}$/, 'must be sbp_ and 40 hexadecimal digits')
              .optional(),
          }),
        },
      },
    },
  },
  responses: {
    201: {
      description: 'The first account, its organization and tokens; told this once',
      content: {
        'application/json': {
          schema: z.object({
            account_id: z.string(),
            organization: z.string(),
            access_token: z.string(),
            enrolment_token: z.string(),
          }),
        },
      },
    },
  },
});

const router = createRouter();
// before the body is looked at: strangers learn nothing of its form
router.use('/bootstrap', async (c, next) => {
  await requireBootstrapToken(c.get('deps').config, c.req.header('authorization'));
  await next();
});

/** The first start (`POST /bootstrap`), for whoever holds the configured token. */
export const bootstrapDoor = router.openapi(route, async (c) => {
  const { email, password, organization_name, access_token } = c.req.valid('json');
  const made = await bootstrap(
    { deps: c.get('deps'), request: c.get('request') },
    { email, password, organizationName: organization_name, accessToken: access_token },
  );
  c.header('Cache-Control', 'no-store');
  return c.json(
    {
      account_id: made.accountId,
      organization: made.organizationSlug,
      access_token: made.accessToken,
      enrolment_token: made.enrolmentToken,
    },
    201,
  );
});

async function requireBootstrapToken(config: Config, authorization: string | undefined): Promise<void> {
  if (config.bootstrapToken === null) throw notFound('Route');
  const given = bearerToken(authorization);
  if (given === null || !(await isSameSecret(given, config.bootstrapToken))) {
    throw unauthenticated('Missing or wrong bootstrap token');
  }
}
