import type { Ctx } from '../../deps.ts';
import { challengeLimits } from '../../limits/limits-of.ts';
import { requireAllowance } from '../../limits/require-allowance.ts';
import { factorsOf } from '../ways-in.ts';
import { ownSession } from './own-session.ts';
import { factorNotFound } from './refusals.ts';

/** How long a challenge can be answered. */
export const challengeLifetimeMs = 5 * 60 * 1000;

/** What a wrong code costs of that time: the fifth one at the latest ends the challenge. */
export const guessCostMs = 60 * 1000;

/** Asks for a code of one of the actor's factors. Errors: `unauthenticated`, `forbidden`, `not_found`. */
export async function challenge(ctx: Ctx, input: { factorId: string }): Promise<{ id: string; expiresAt: number }> {
  const { clock, random, store } = ctx.deps;
  await requireAllowance(ctx, challengeLimits(ctx));
  const { account } = await ownSession(ctx);
  const factor = factorsOf(account).find(({ id }) => id === input.factorId);
  if (factor === undefined) throw factorNotFound();
  const at = clock.now();
  const added = {
    id: random.uuid(),
    factorId: factor.id,
    accountId: account.id,
    at,
    expiresAt: at + challengeLifetimeMs,
  };
  if (!(await store.factorChallenges.add(added))) throw factorNotFound();
  return { id: added.id, expiresAt: added.expiresAt };
}
