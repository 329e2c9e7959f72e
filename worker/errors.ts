import type { ErrorCode } from '../schema/error-codes.ts';

export type AppErrorOptions = {
  cause?: unknown;
  /** seconds after which another try may work; becomes `Retry-After` */
  retryAfterSeconds?: number;
  /** further members of the response body, for clients that read them; free of secrets */
  body?: Record<string, unknown>;
};

/** A refusal with a message made for the caller. Everything else that is thrown is answered as `internal`. */
export class AppError extends Error {
  override name = 'AppError';
  readonly code: ErrorCode;
  readonly retryAfterSeconds: number | undefined;
  readonly body: Record<string, unknown>;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.body = options.body ?? {};
  }
}

/** What is not there, or not there for this caller: `what` begins the message. */
export function notFound(what: string): AppError {
  return new AppError('not_found', `${what} not found`);
}

/** The caller did not prove who they are; clients sign in again. */
export function unauthenticated(message = 'Invalid or expired access token'): AppError {
  return new AppError('unauthenticated', message);
}
