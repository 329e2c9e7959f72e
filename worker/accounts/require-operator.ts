import type { Actor } from '../deps.ts';
import { AppError } from '../errors.ts';

/** Refuses everyone but operators of the control plane with `forbidden`. */
export function requireOperator(actor: Actor): void {
  if (actor.isOperator) return;
  throw new AppError('forbidden', 'Only operators of this control plane may do this', {
    refusal: {
      action: 'access.refused',
      organizationId: null,
      actor: { kind: 'account', id: actor.accountId, credential: actor.credential },
      target: 'control plane',
      details: { asked: 'operator' },
    },
  });
}
