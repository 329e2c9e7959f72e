import { requireAccount } from '../access/require-account.ts';
import { requireOperator } from '../accounts/require-operator.ts';
import { sha256Hex } from '../auth/digest.ts';
import { createToken } from '../auth/secrets.ts';
import type { Ctx } from '../deps.ts';

const lifetimeMs = 60 * 60 * 1000;

/** A one-time token for `supafleet-agent join`. It is kept as a hash and shown here only. Errors: `forbidden`. */
export async function createEnrolmentToken(ctx: Ctx): Promise<{ token: string; expiresAt: number }> {
  const { clock, random, store } = ctx.deps;
  const now = clock.now();
  const actor = await requireAccount(ctx);
  requireOperator(actor);
  const token = createToken(random, 'sfe_');
  const expiresAt = now + lifetimeMs;
  await store.enrolment.addToken(
    { hash: await sha256Hex(token), createdAt: now, expiresAt },
    { actor, request: ctx.request },
  );
  return { token, expiresAt };
}
