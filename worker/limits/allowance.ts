import type { LimitState, Policy } from '../store/rate-limits.ts';

/** What an answer tells of the limits that were asked for it. */
export type Allowance = {
  limit: number;
  remaining: number;
  /** until all is given back, or until the next one is let in when there is none left */
  resetSeconds: number;
  /** null: it was let in */
  retryAfterSeconds: number | null;
};

/** What is left of one limit after it was asked. `state` null: nothing was taken of it. */
export function allowanceOf(policy: Policy, state: LimitState, now: number): Allowance {
  const aheadMs = Math.max(0, (state?.until ?? 0) - now);
  if (policy.kind === 'rate') {
    const { burst, intervalMs } = policy;
    const remaining = Math.max(0, Math.floor(burst - aheadMs / intervalMs));
    return { limit: burst, remaining, resetSeconds: seconds(aheadMs), retryAfterSeconds: null };
  }
  const isAtRest = state === null || state.expiresAt <= now;
  const remaining = isAtRest ? policy.free : Math.max(0, policy.free - state.hits);
  const resetMs = isAtRest ? 0 : remaining === 0 ? aheadMs : state.expiresAt - now;
  return { limit: policy.free, remaining, resetSeconds: seconds(resetMs), retryAfterSeconds: null };
}

/** After how long a limit lets the next one in, in milliseconds. */
export function waitMs(policy: Policy, state: LimitState, now: number): number {
  if (state === null) return 0;
  if (policy.kind === 'backoff') return state.hits < policy.free ? 0 : Math.max(0, state.until - now);
  return Math.max(0, state.until - now - (policy.burst - 1) * policy.intervalMs);
}

/** What a request refused by this limit is told. */
export function refusedAllowance(policy: Policy, refusedForMs: number): Allowance {
  const retryAfterSeconds = Math.max(1, seconds(refusedForMs));
  const limit = policy.kind === 'rate' ? policy.burst : policy.free;
  return { limit, remaining: 0, resetSeconds: retryAfterSeconds, retryAfterSeconds };
}

/** The one that stops first. */
export function tighter(one: Allowance, other: Allowance): Allowance {
  const [left, right] = [one.retryAfterSeconds ?? 0, other.retryAfterSeconds ?? 0];
  if (left !== right) return left > right ? one : other;
  if (one.remaining !== other.remaining) return one.remaining < other.remaining ? one : other;
  return one.resetSeconds >= other.resetSeconds ? one : other;
}

function seconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}
