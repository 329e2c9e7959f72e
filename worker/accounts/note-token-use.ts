import type { Deps } from '../deps.ts';

export const tokenUsePrecisionMs = 10 * 60 * 1000;

/** Keeps when a token was last used. What goes wrong is logged: nobody waits for it. `hash`: SHA-256 of the token, hex. */
export async function noteTokenUse(
  { log, store }: Pick<Deps, 'log' | 'store'>,
  hash: string,
  at: number,
): Promise<void> {
  try {
    await store.accessTokens.noteUse({ hash, at, knownSince: at - tokenUsePrecisionMs });
  } catch (error) {
    log.warn('the use of an access token was not noted', { reason: String(error) });
  }
}
