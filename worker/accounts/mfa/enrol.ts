import type { Ctx } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import { type Factor, factorsOf } from '../ways-in.ts';
import { ownSession } from './own-session.ts';
import { factorNameConflict, tooManyFactors } from './refusals.ts';
import { newTotp } from './totp.ts';

const maximumFactors = 10;

export type EnrolledFactor = { id: string; friendlyName: string; secret: string; uri: string };

/**
 * A new second factor that is not asked for until its first code is verified; an older unverified one goes. The secret
 * is told this once. Errors: `unauthenticated`, `forbidden`, `insufficient_aal`, `unprocessable`.
 */
export async function enrol(
  ctx: Ctx,
  input: { friendlyName: string; issuer?: string | undefined },
): Promise<EnrolledFactor> {
  const { clock, config, random, store, vault } = ctx.deps;
  const { friendlyName } = input;
  const { account, session } = await ownSession(ctx);
  const verified = factorsOf(account).filter(({ status }) => status === 'verified');
  if (verified.length > 0 && session.aal !== 'aal2') {
    throw new AppError('insufficient_aal', 'AAL2 required to enroll a new factor');
  }
  if (isTaken(friendlyName, verified)) throw factorNameConflict(friendlyName);
  if (verified.length >= maximumFactors) throw tooManyFactors();

  const id = random.uuid();
  const issuer = input.issuer === undefined || input.issuer === '' ? new URL(config.publicUrl).host : input.issuer;
  const { secret, uri } = newTotp(random, { issuer, label: account.email });
  const sealed = await vault.seal(secret, { table: 'mfa_factors', row: id, field: 'secret' });
  const enrolled = await store.factors.enrol(
    { id, accountId: account.id, friendlyName, secret: sealed, at: clock.now() },
    { sessionId: session.id, limit: maximumFactors },
    { actor: { accountId: account.id, credential: ctx.credential.kind }, request: ctx.request },
  );
  // something about the account's factors or sessions changed between the two round trips
  if (!enrolled) throw new AppError('conflict', 'Your second factors were changed meanwhile; try again');
  return { id, friendlyName, secret, uri };
}

function isTaken(name: string, factors: Factor[]): boolean {
  return name !== '' && factors.some(({ friendlyName }) => friendlyName === name);
}
