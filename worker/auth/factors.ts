import { createRoute, z } from '@hono/zod-openapi';
import { renderSVG } from 'uqr';
import { challenge } from '../accounts/mfa/challenge.ts';
import { type EnrolledFactor, enrol } from '../accounts/mfa/enrol.ts';
import { unprocessable } from '../accounts/mfa/refusals.ts';
import { unenrol } from '../accounts/mfa/unenrol.ts';
import { verify } from '../accounts/mfa/verify.ts';
import { AppError } from '../errors.ts';
import { authenticate } from '../http/authenticate.ts';
import { requireCredential } from '../http/require-credential.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { onAuthError } from './on-auth-error.ts';
import { sessionWire, toWireSession } from './to-wire-session.ts';

const text = (limit: number) =>
  z
    .string()
    .max(limit)
    .regex(/^\P{Cc}*$/u, 'must not hold control characters');

/** Unlike everywhere else, a session without its second factor is let in: this is where the factor is shown. */
const middleware = [authenticate, requireCredential];
const params = z.object({ factor_id: z.string().max(100) });

const enrolment = createRoute({
  method: 'post',
  path: '/factors',
  middleware,
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({
            factor_type: z.string().max(32),
            friendly_name: text(100).optional(),
            issuer: text(100).optional(),
          }),
        },
      },
    },
  },
  responses: {
    200: {
      description: 'A factor to be verified; its secret is told this once',
      content: {
        'application/json': {
          schema: z.object({
            id: z.string(),
            type: z.literal('totp'),
            friendly_name: z.string(),
            totp: z.object({ qr_code: z.string(), secret: z.string(), uri: z.string() }),
          }),
        },
      },
    },
  },
});

const challenging = createRoute({
  method: 'post',
  path: '/factors/{factor_id}/challenge',
  middleware,
  request: { params },
  responses: {
    200: {
      description: 'A code is expected',
      content: {
        'application/json': {
          schema: z.object({ id: z.string(), type: z.literal('totp'), expires_at: z.number().int() }),
        },
      },
    },
  },
});

const verification = createRoute({
  method: 'post',
  path: '/factors/{factor_id}/verify',
  middleware,
  request: {
    params,
    body: {
      required: true,
      content: {
        'application/json': { schema: z.object({ challenge_id: z.string().max(100), code: z.string().max(32) }) },
      },
    },
  },
  responses: {
    200: { description: 'The session, at level aal2', content: { 'application/json': { schema: sessionWire } } },
  },
});

const removal = createRoute({
  method: 'delete',
  path: '/factors/{factor_id}',
  middleware,
  request: { params },
  responses: {
    200: { description: 'Removed', content: { 'application/json': { schema: z.object({ id: z.string() }) } } },
  },
});

const router = createRouter();
router.onError(onAuthError);

/** Second factors (`/auth/v1/factors`). */
export const authFactors = router
  .openapi(enrolment, async (c) => {
    const { factor_type, friendly_name = '', issuer } = c.req.valid('json');
    requireTotp(factor_type);
    const factor = await enrol(ctxOf(c), { friendlyName: friendly_name, issuer });
    c.header('Cache-Control', 'no-store');
    return c.json(toWire(factor), 200);
  })
  .openapi(challenging, async (c) => {
    const { id, expiresAt } = await challenge(ctxOf(c), { factorId: c.req.valid('param').factor_id });
    return c.json({ id, type: 'totp' as const, expires_at: Math.floor(expiresAt / 1000) }, 200);
  })
  .openapi(verification, async (c) => {
    const { challenge_id, code } = c.req.valid('json');
    const { factor_id } = c.req.valid('param');
    if (code === '') throw new AppError('invalid_input', 'Code needs to be non-empty');
    const session = await verify(ctxOf(c), { factorId: factor_id, challengeId: challenge_id, code });
    c.header('Cache-Control', 'no-store');
    return c.json(toWireSession(session), 200);
  })
  .openapi(removal, async (c) => {
    const { factor_id } = c.req.valid('param');
    await unenrol(ctxOf(c), { factorId: factor_id });
    return c.json({ id: factor_id }, 200);
  });

function requireTotp(type: string): void {
  if (type === 'totp') return;
  if (type === 'phone') throw unprocessable('mfa_phone_enroll_not_enabled', 'MFA enroll is disabled for Phone');
  if (type === 'webauthn') {
    throw unprocessable('mfa_webauthn_enroll_not_enabled', 'MFA enroll is disabled for WebAuthn');
  }
  throw new AppError('invalid_input', 'factor_type needs to be totp, phone, or webauthn');
}

/** The picture goes raw: clients put `data:image/svg+xml` in front of it. */
function toWire({ id, friendlyName, secret, uri }: EnrolledFactor) {
  return {
    id,
    type: 'totp' as const,
    friendly_name: friendlyName,
    totp: { qr_code: renderSVG(uri, { ecc: 'M', border: 2 }), secret, uri },
  };
}
