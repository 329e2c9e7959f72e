import { z } from '@hono/zod-openapi';
import type { IssuedSession } from '../accounts/issue.ts';
import { toWireUser, userWire } from './to-wire-user.ts';

/** GoTrue's session. */
export const sessionWire = z.object({
  access_token: z.string(),
  token_type: z.literal('bearer'),
  expires_in: z.number().int(),
  expires_at: z.number().int(),
  refresh_token: z.string(),
  user: userWire,
});

/** What a client is given to be signed in. */
export function toWireSession(session: IssuedSession): z.infer<typeof sessionWire> {
  return {
    access_token: session.accessToken,
    token_type: 'bearer',
    expires_in: session.expiresInSeconds,
    expires_at: session.expiresAt,
    refresh_token: session.refreshToken,
    user: toWireUser(session.user),
  };
}
