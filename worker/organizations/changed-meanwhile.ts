import { AppError } from '../errors.ts';

/** The refusal of a change that was overtaken. */
export function changedMeanwhile(): AppError {
  return new AppError('conflict', 'The organization was changed by somebody else at the same time; try again');
}
