import { AppError } from '../../errors.ts';

/** What a client keeps the secret half of, to fetch its session by. */
export type ClientChallenge = { challenge: string; method: 'plain' | 's256' };

/** The client's PKCE challenge, null without one. Errors: `invalid_input`. */
export function clientChallenge(input: {
  codeChallenge?: string | undefined;
  codeChallengeMethod?: string | undefined;
}): ClientChallenge | null {
  const { codeChallenge: challenge = '', codeChallengeMethod = '' } = input;
  if (challenge === '' && codeChallengeMethod === '') return null;
  if (challenge === '' || codeChallengeMethod === '') {
    throw new AppError('invalid_input', 'PKCE flow requires code_challenge_method and code_challenge');
  }
  const method = codeChallengeMethod.toLowerCase();
  if (method !== 'plain' && method !== 's256') {
    throw new AppError('invalid_input', 'Invalid code_challenge_method: plain and s256 are known');
  }
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(challenge)) {
    throw new AppError('invalid_input', 'code_challenge has to be 43 to 128 letters, digits, -, ., _ and ~');
  }
  return { challenge, method };
}
