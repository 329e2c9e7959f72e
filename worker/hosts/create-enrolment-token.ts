import { requireAccount } from '../access/require-account.ts';
import { requireOperator } from '../accounts/require-operator.ts';
import { sha256Hex } from '../auth/digest.ts';
import { createToken } from '../auth/secrets.ts';
import type { Ctx, Random } from '../deps.ts';

const lifetimeMs = 60 * 60 * 1000;

/** A one-time token for `supafleet-agent join`. It is kept as a hash and shown here only. Errors: `forbidden`. */
export async function createEnrolmentToken(ctx: Ctx): Promise<{ token: string; expiresAt: number }> {
  const { clock, random, store } = ctx.deps;
  const now = clock.now();
  const actor = await requireAccount(ctx);
  requireOperator(actor);
  const { token, hash, expiresAt } = await newEnrolmentToken(random, now);
  await store.enrolment.addToken({ hash, createdAt: now, expiresAt }, { actor, request: ctx.request });
  return { token, expiresAt };
}

/** A new token with what is kept of it: its SHA-256, and until when it works, in milliseconds since the epoch. */
export async function newEnrolmentToken(
  random: Random,
  now: number,
): Promise<{ token: string; hash: string; expiresAt: number }> {
  const token = createToken(random, 'sfe_');
  return { token, hash: await sha256Hex(token), expiresAt: now + lifetimeMs };
}
