import type { SessionClaims, SessionTokens } from '../deps.ts';

/**
 * Tokens whose signature held once need no second check until they expire: the check of a signature is a good part of
 * what a request costs. Only what verified is kept, at most `limit` of them, the oldest leaving first. That the session
 * still lives is asked of the database every time.
 */
export function rememberVerified(tokens: SessionTokens, limit: number): SessionTokens {
  const verified = new Map<string, SessionClaims>();
  return {
    ...tokens,
    async verify(token, nowMs) {
      const known = verified.get(token);
      if (known !== undefined) {
        if (Math.floor(nowMs / 1000) < known.expiresAt) return known;
        verified.delete(token);
      }
      const claims = await tokens.verify(token, nowMs);
      if (claims !== null) keep(token, claims);
      return claims;
    },
  };

  function keep(token: string, claims: SessionClaims): void {
    const oldest = verified.size >= limit ? verified.keys().next().value : undefined;
    if (oldest !== undefined) verified.delete(oldest);
    verified.set(token, claims);
  }
}
