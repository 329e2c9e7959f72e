import type { Backoff, Policy, Rate } from '../store/rate-limits.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/**
 * What is limited, and how much of it is let in. An address is a whole household or office, so its bursts are wide; what
 * keeps passwords and codes from being guessed are the growing delays. docs/limits.md has the table for operators.
 */
export const defaultLimits = {
  'sign-in.address': rate(100, second),
  /** attempts are counted before they are verified: twenty right ones at once are still far from the delay */
  'sign-in.account-address': backoff(30, { base: second, maximum: 15 * minute, quiet: hour }),
  /** over all addresses: short, because anybody can cause it */
  'sign-in.account': backoff(100, { base: second, maximum: 30 * second, quiet: hour }),
  'refresh.address': rate(300, second / 5),
  'refresh.session': rate(60, second),
  /** what sends mail, or would if there were such an account: signing up, recovery, magic links, sending again */
  'mail.address': rate(20, 15 * second),
  'mail.recipient': rate(3, minute),
  /** codes and links out of mails */
  'code.address': rate(60, 2 * second),
  'code.email-address': backoff(10, { base: second, maximum: 15 * minute, quiet: hour }),
  'code.email': backoff(30, { base: second, maximum: 30 * second, quiet: hour }),
  /** second factors, each for itself: who gets this far knows the password */
  'factor.address': rate(100, second),
  'factor.account': backoff(10, { base: second, maximum: 15 * minute, quiet: hour }),
  /** changes of the password and of the address of mail */
  'credentials.address': rate(60, 2 * second),
  'credentials.account': rate(10, minute),
  'invitation.address': rate(100, second),
  'invitation.account': rate(50, 30 * second),
  'invitation.organization': rate(50, 30 * second),
  /** making and revoking access tokens */
  'token.address': rate(100, second),
  'token.account': rate(30, 20 * second),
} as const satisfies Record<string, Policy>;

export type LimitName = keyof typeof defaultLimits;
export type Limits = Record<LimitName, Policy>;

function rate(burst: number, intervalMs: number): Rate {
  return { kind: 'rate', burst, intervalMs };
}

function backoff(free: number, delay: { base: number; maximum: number; quiet: number }): Backoff {
  return { kind: 'backoff', free, baseMs: delay.base, maximumMs: delay.maximum, quietMs: delay.quiet };
}
