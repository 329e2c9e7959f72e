import { createRoute, z } from '@hono/zod-openapi';
import { createRouter } from '../http/router.ts';
import { version } from '../version.ts';

const jwks = createRoute({
  method: 'get',
  path: '/.well-known/jwks.json',
  responses: {
    200: {
      description: 'Public keys of access tokens',
      content: { 'application/json': { schema: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }) } },
    },
  },
});

const settings = createRoute({
  method: 'get',
  path: '/settings',
  responses: {
    200: {
      description: 'Ways to sign in',
      content: {
        'application/json': {
          schema: z.object({
            external: z.record(z.string(), z.boolean()),
            disable_signup: z.boolean(),
            mailer_autoconfirm: z.boolean(),
            phone_autoconfirm: z.boolean(),
            sms_provider: z.string(),
            saml_enabled: z.boolean(),
            passkeys_enabled: z.boolean(),
          }),
        },
      },
    },
  },
});

const health = createRoute({
  method: 'get',
  path: '/health',
  responses: {
    200: {
      description: 'The service answers',
      content: {
        'application/json': { schema: z.object({ version: z.string(), name: z.string(), description: z.string() }) },
      },
    },
  },
});

/** What anybody may know (`/auth/v1/…`). */
export const authWellKnown = createRouter()
  .openapi(jwks, (c) => {
    c.header('Cache-Control', 'public, max-age=600');
    return c.json(c.get('deps').sessionTokens.jwks(), 200);
  })
  .openapi(settings, (c) =>
    c.json(
      {
        external: {
          email: true,
          phone: false,
          anonymous_users: false,
          ...enabled(c.get('deps').identityProviders.keys()),
        },
        disable_signup: c.get('deps').config.signups === 'closed',
        mailer_autoconfirm: false,
        phone_autoconfirm: false,
        sms_provider: '',
        saml_enabled: false,
        passkeys_enabled: false,
      },
      200,
    ),
  )
  .openapi(health, (c) =>
    c.json({ version, name: 'supafleet', description: "The control plane's own accounts, as GoTrue serves them" }, 200),
  );

function enabled(names: Iterable<string>): Record<string, boolean> {
  return Object.fromEntries(Array.from(names, (name) => [name, true]));
}
