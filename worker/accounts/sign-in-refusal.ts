import type { Refusal } from '../errors.ts';

/**
 * What is recorded of somebody who could not prove who they are: of whose account, and by what means it was tried.
 * Null: of no account there is, and which address was typed is nobody's business.
 */
export function signInRefusal(accountId: string | null, means: 'password' | 'totp'): Refusal {
  return {
    action: 'account.sign-in-refused',
    organizationId: null,
    actor: accountId === null ? { kind: 'system', id: 'sign-in' } : { kind: 'account', id: accountId },
    target: accountId ?? 'unknown account',
    details: { means },
  };
}
