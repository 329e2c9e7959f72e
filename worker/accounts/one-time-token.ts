import { sha256Hex } from '../auth/digest.ts';
import { redirectTarget } from '../auth/redirect-target.ts';
import { createRefreshToken } from '../auth/secrets.ts';
import type { Config, Deps, Random } from '../deps.ts';
import type { CodeChallenge, NewOneTimeToken, TokenKind } from '../store/one-time-tokens.ts';

const hourMs = 3600 * 1000;

/** Mails that somebody is waiting for are good for an hour; the others are read when there is time. */
const lifetimesMs: Record<TokenKind, number> = {
  signup: 24 * hourMs,
  invite: 24 * hourMs,
  recovery: hourMs,
  email_change: hourMs,
  magiclink: hourMs,
};

/** How often a code may be guessed wrong. The link still works afterwards: a stranger's guesses lock nobody out. */
export const maximumTries = 10;

export type IssuedToken = { row: NewOneTimeToken; link: string; code: string };

/** Where a link leads once it was followed, and what its client has to know the verifier of. */
export type Origin = { redirectTo?: string | undefined; codeChallenge?: CodeChallenge | null | undefined };

/** What goes into a mail, told this once, and the row that is kept of it. */
export async function newOneTimeToken(
  { clock, config, random }: Pick<Deps, 'clock' | 'config' | 'random'>,
  kind: TokenKind,
  origin: Origin = {},
): Promise<IssuedToken> {
  const token = createRefreshToken(random);
  const hash = await sha256Hex(token);
  const code = newCode(random);
  const createdAt = clock.now();
  const row = {
    hash,
    codeHash: await codeHash(hash, code),
    kind,
    codeChallenge: origin.codeChallenge ?? null,
    createdAt,
    expiresAt: createdAt + lifetimesMs[kind],
  };
  return { row, code, link: linkOf(config, { token, kind, redirectTo: origin.redirectTo }) };
}

/** What is kept of a code: no two mails' are alike, and none tells its code without its link. */
export function codeHash(tokenHash: string, code: string): Promise<string> {
  return sha256Hex(tokenHash + code);
}

/** Six digits, each number as likely as any other to one in a billion. */
function newCode(random: Random): string {
  const number = random.bytes(6).reduce((sum, byte) => sum * 256 + byte, 0);
  return String(number % 1_000_000).padStart(6, '0');
}

function linkOf(config: Config, link: { token: string; kind: TokenKind; redirectTo: string | undefined }): string {
  const query = new URLSearchParams({ token: link.token, type: link.kind });
  if (link.redirectTo !== undefined) query.set('redirect_to', redirectTarget(config, link.redirectTo));
  return `${config.publicUrl}/auth/v1/verify?${query}`;
}
