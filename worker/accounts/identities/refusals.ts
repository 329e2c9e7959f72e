/** What a client is told in the address it is sent to; `error` in the words of OAuth, `code` in GoTrue's. */
export type ArrivalRefusal = { error: string; code: string; description: string };

const denied = (code: string, description: string): ArrivalRefusal => ({ error: 'access_denied', code, description });
const failed = (code: string, description: string): ArrivalRefusal => ({ error: 'server_error', code, description });

export const refusals = {
  badState: {
    error: 'invalid_request',
    code: 'bad_oauth_state',
    description: 'OAuth state is invalid or expired: sign in again',
  },
  providerGone: failed('provider_disabled', 'Unsupported provider: provider is not enabled'),
  failedExchange: failed('unexpected_failure', 'Unable to exchange external code'),
  changedMeanwhile: failed('conflict', 'Your account was changed meanwhile: sign in again'),
  banned: denied('user_banned', 'User is banned'),
  signupDisabled: denied('signup_disabled', 'Signups not allowed for this instance'),
  unverifiedEmail: denied(
    'provider_email_needs_verification',
    'The identity provider tells no verified email address for this account',
  ),
  foreignDomain: denied('email_address_not_authorized', 'Addresses of this domain are not let in by this provider'),
  byProvider: (error: string, description: string | null): ArrivalRefusal => ({
    error: error.slice(0, 100),
    code: 'bad_oauth_callback',
    description: (description ?? 'The identity provider refused').slice(0, 500),
  }),
};
