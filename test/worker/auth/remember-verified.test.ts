import { describe, expect, test } from 'vitest';
import { rememberVerified } from '../../../worker/auth/remember-verified.ts';
import type { SessionTokens } from '../../../worker/deps.ts';

/** Counts how often a signature was really checked; `bad…` never verifies. */
function counting(): { tokens: SessionTokens; checks: string[] } {
  const checks: string[] = [];
  const tokens: SessionTokens = {
    sign: () => Promise.reject(new Error('signs nothing here')),
    verify: async (token) => {
      checks.push(token);
      return token.startsWith('bad') ? null : { sessionId: token, accountId: 'a', expiresAt: 100 };
    },
    jwks: () => ({ keys: [] }),
  };
  return { tokens, checks };
}

describe('tokens that verified once', () => {
  test('are not checked again until the second in which they expire', async () => {
    const { tokens, checks } = counting();
    const remembered = rememberVerified(tokens, 10);
    for (const now of [1_000, 50_000, 99_999]) expect(await remembered.verify('t', now)).not.toBeNull();
    expect(checks).toEqual(['t']);
    await remembered.verify('t', 100_000);
    expect(checks).toEqual(['t', 't']);
  });

  test('are told apart by every character, and bad ones are never kept', async () => {
    const { tokens, checks } = counting();
    const remembered = rememberVerified(tokens, 10);
    for (const token of ['t', 'T', 't ', 'bad', 'bad']) await remembered.verify(token, 0);
    expect(checks).toEqual(['t', 'T', 't ', 'bad', 'bad']);
  });

  test('are bounded: the oldest leaves first', async () => {
    const { tokens, checks } = counting();
    const remembered = rememberVerified(tokens, 2);
    for (const token of ['a', 'b', 'c', 'c', 'b', 'a']) await remembered.verify(token, 0);
    expect(checks).toEqual(['a', 'b', 'c', 'a']);
  });
});
