import { AppError } from '../../errors.ts';

/** `code`: GoTrue's, by which its clients tell refusals apart. */
export function unprocessable(code: string, message: string): AppError {
  return new AppError('unprocessable', message, { body: { error_code: code } });
}

export function factorNotFound(): AppError {
  return new AppError('not_found', 'Factor not found', { body: { error_code: 'mfa_factor_not_found' } });
}

export function tooManyFactors(): AppError {
  return unprocessable(
    'too_many_enrolled_mfa_factors',
    'Maximum number of verified factors reached, unenroll to continue',
  );
}

export function factorNameConflict(name: string): AppError {
  return unprocessable(
    'mfa_factor_name_conflict',
    `A factor with the friendly name ${JSON.stringify(name)} for this user already exists`,
  );
}
