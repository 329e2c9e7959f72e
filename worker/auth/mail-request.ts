import { z } from '@hono/zod-openapi';

/** What requests that lead to a mail have in common. Whatever else clients send, a captcha's token say, is ignored. */
export const mailFields = {
  /** metadata of the user; a mail has none */
  data: z.record(z.string(), z.unknown()).nullish(),
  /** PKCE; null: the session goes into the fragment of the address that the mail's link leads to */
  code_challenge: z
    .string()
    .regex(/^[\w.~-]{43,128}$/, 'must be 43 to 128 unreserved characters')
    .nullish(),
  code_challenge_method: z.enum(['plain', 's256', 'S256']).nullish(),
};

export const redirectQuery = z.object({ redirect_to: z.string().max(2048).optional() });

type Challenge = { code_challenge?: string | null | undefined; code_challenge_method?: string | null | undefined };

export function challengeOf(body: Challenge): { challenge: string; method: 'plain' | 's256' } | null {
  const { code_challenge: challenge, code_challenge_method: method } = body;
  if (challenge === null || challenge === undefined) return null;
  return { challenge, method: method === 'plain' ? 'plain' : 's256' };
}
