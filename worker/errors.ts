import type { AuditEntry } from '../schema/audit-entry.ts';
import type { ErrorCode } from '../schema/error-codes.ts';

/** What the audit log keeps of a refusal that matters. */
export type Refusal = Pick<AuditEntry, 'organizationId' | 'target'> & {
  action: 'access.refused' | 'account.sign-in-refused';
  actor: { kind: 'account'; id: string; credential?: 'session' | 'token' } | { kind: 'system'; id: string };
  details: Record<string, string>;
};

export type AppErrorOptions = {
  cause?: unknown;
  /** seconds after which another try may work; becomes `Retry-After` */
  retryAfterSeconds?: number;
  /** further members of the response body, for clients that read them; free of secrets */
  body?: Record<string, unknown>;
  /** the doors write it to the audit log */
  refusal?: Refusal;
};

/** A refusal with a message made for the caller. Everything else that is thrown is answered as `internal`. */
export class AppError extends Error {
  override name = 'AppError';
  readonly code: ErrorCode;
  readonly retryAfterSeconds: number | undefined;
  readonly body: Record<string, unknown>;
  readonly refusal: Refusal | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.body = options.body ?? {};
    this.refusal = options.refusal;
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
