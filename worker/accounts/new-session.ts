import { sha256Hex } from '../auth/digest.ts';
import { createRefreshToken } from '../auth/secrets.ts';
import type { Deps } from '../deps.ts';
import type { NewSession } from '../store/new-session.ts';
import { sessionIdleMs } from './issue.ts';

/** A session that is about to be stored, and its first refresh token, which is told once. */
export async function newSession(
  { clock, random }: Pick<Deps, 'clock' | 'random'>,
  accountId: string,
  method: NewSession['method'],
): Promise<{ session: NewSession; refreshToken: string }> {
  const at = clock.now();
  const refreshToken = createRefreshToken(random);
  const refreshTokenHash = await sha256Hex(refreshToken);
  const session = { id: random.uuid(), accountId, method, refreshTokenHash, at, expiresAt: at + sessionIdleMs };
  return { session, refreshToken };
}
