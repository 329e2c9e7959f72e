import type { Actor, Ctx } from '../deps.ts';

/** Refuses everyone whose session or token does not live. */
export function requireAccount(ctx: Ctx): Promise<Actor> {
  return ctx.deps.store.access.account(ctx.credential, ctx.deps.clock.now());
}
