import type { OpenCtx, RequestInfo } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { Limit, Taken } from '../store/rate-limits.ts';
import { allowanceOf, refusedAllowance, tighter, waitMs } from './allowance.ts';

/** Takes one of each limit, in a round trip of its own. Errors: `rate_limited`, `database_unavailable`. */
export async function requireAllowance(ctx: OpenCtx, limits: readonly Limit[]): Promise<void> {
  const now = ctx.deps.clock.now();
  letIn(ctx.request, limits, await ctx.deps.store.rateLimits.take(limits, now), now);
}

/**
 * Refuses when the limits did not let the request in, and keeps for its answer what is left of the tightest. Comes before
 * everything that costs or tells something. Errors: `rate_limited`.
 */
export function letIn(request: RequestInfo, limits: readonly Limit[], taken: Taken, now: number): void {
  const refusals = [];
  for (const { index, state } of taken.states) {
    const policy = limits[index]?.policy;
    if (policy === undefined) continue;
    const forMs = taken.isLetIn ? 0 : waitMs(policy, state, now);
    const allowance = forMs > 0 ? refusedAllowance(policy, forMs) : allowanceOf(policy, state, now);
    if (allowance.retryAfterSeconds !== null) refusals.push(allowance.retryAfterSeconds);
    request.allowance = request.allowance === undefined ? allowance : tighter(request.allowance, allowance);
  }
  if (taken.isLetIn) return;
  const retryAfterSeconds = Math.max(1, ...refusals);
  throw new AppError('rate_limited', `Too many attempts: try again in ${retryAfterSeconds} seconds`, {
    retryAfterSeconds,
  });
}
