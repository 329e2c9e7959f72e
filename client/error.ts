import { TRPCClientError } from '@trpc/client';
import type { ErrorCode } from '../schema/error-codes.ts';
import type { AppRouter } from './app-router.ts';

/**
 * Why a call failed. `unreachable`: no answer of a control plane came, so whether a change was made is not known.
 * `requestId` is what the control plane's log has; null without an answer.
 */
export class SupafleetError extends TRPCClientError<AppRouter> {
  override name = 'SupafleetError';
  readonly code: ErrorCode | 'unreachable';
  readonly requestId: string | null;

  constructor(
    message: string,
    options: { code: ErrorCode | 'unreachable'; requestId: string | null; cause?: Error | undefined },
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    // tRPC's own constructor makes every subclass look like its base
    Object.setPrototypeOf(this, SupafleetError.prototype);
    this.code = options.code;
    this.requestId = options.requestId;
  }
}

/** Whatever went wrong on the way, as one kind of error. */
export function asSupafleetError(error: unknown): SupafleetError {
  if (error instanceof SupafleetError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  if (error instanceof TRPCClientError) {
    const inner: unknown = error.cause;
    if (inner instanceof SupafleetError) return inner;
    const data: unknown = error.data;
    if (isRefusal(data))
      return new SupafleetError(error.message, { code: data.error, requestId: data.requestId, cause });
    return refusalOf(error.meta?.responseJSON, cause);
  }
  return refusalOf(undefined, cause);
}

/** An answer that came before tRPC was asked, or none at all. */
export function refusalOf(body: unknown, cause?: Error): SupafleetError {
  if (isPlainRefusal(body)) {
    return new SupafleetError(body.message, { code: body.code, requestId: body.request_id ?? null, cause });
  }
  const reason = cause === undefined ? 'its answer is not one of a control plane' : cause.message;
  return new SupafleetError(`The control plane could not be reached: ${reason}`, {
    code: 'unreachable',
    requestId: null,
    cause,
  });
}

function isRefusal(data: unknown): data is { error: ErrorCode; requestId: string } {
  return isObject(data) && typeof data.error === 'string' && typeof data.requestId === 'string';
}

function isPlainRefusal(body: unknown): body is { message: string; code: ErrorCode; request_id?: string } {
  return isObject(body) && typeof body.message === 'string' && typeof body.code === 'string';
}

/** Something whose members can be looked at. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
