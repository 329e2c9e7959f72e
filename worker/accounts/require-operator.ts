import type { Actor } from '../deps.ts';
import { AppError } from '../errors.ts';

/** Refuses everyone but operators of the control plane with `forbidden`. */
export function requireOperator(actor: Actor): void {
  if (!actor.isOperator) throw new AppError('forbidden', 'Only operators of this control plane may do this');
}
