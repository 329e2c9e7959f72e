import type { MiddlewareHandler } from 'hono';
import { sha256Hex } from '../auth/digest.ts';
import type { Credential, Deps } from '../deps.ts';
import { unauthenticated } from '../errors.ts';
import { bearerToken } from './bearer-token.ts';
import type { AppEnv } from './variables.ts';

const accessTokenPattern = /^sbp_[0-9a-f]{40}$/;

/**
 * Request -> credential. Only signatures are checked here; the session's or token's row is checked by the first
 * statement of the batch that loads the data. No `Authorization` header: no credential, and `ctxOf` refuses.
 */
export const authenticate: MiddlewareHandler<AppEnv> = async (c, next) => {
  c.set('credential', await credentialOf(c.req.header('authorization'), c.get('deps')));
  await next();
};

async function credentialOf(header: string | undefined, deps: Deps): Promise<Credential | null> {
  if (header === undefined) return null;
  const token = bearerToken(header);
  if (token === null) throw unauthenticated('The Authorization header must be "Bearer <token>"');
  if (accessTokenPattern.test(token)) return { kind: 'token', id: await sha256Hex(token) };
  const claims = await deps.sessionTokens.verify(token, deps.clock.now());
  if (claims === null) throw unauthenticated();
  return { kind: 'session', id: claims.sessionId };
}
