import type { ErrorHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { AppError } from '../errors.ts';
import { errorTable } from './error-table.ts';
import { logRefusal } from './log-refusal.ts';
import { behindAnswer, recordRefusal } from './record-refusal.ts';
import type { AppEnv } from './variables.ts';

/**
 * Any throw -> a response. Known errors say their message, all others say nothing outside and everything in the log.
 * `/auth/v1` answers in GoTrue's shape, everything else in Studio's.
 */
export const onError: ErrorHandler<AppEnv> = async (error, c) => {
  const known = asAppError(error);
  const request = c.get('request');
  const row = errorTable[known.code];
  logRefusal(known, { id: request.id, method: c.req.method, path: c.req.path }, c.get('deps').log);
  if (known.refusal !== undefined) {
    await behindAnswer(c, recordRefusal(known.refusal, { deps: c.get('deps'), request }));
  }
  if (known.retryAfterSeconds !== undefined) c.header('Retry-After', String(known.retryAfterSeconds));
  return c.req.path.startsWith('/auth/v1/')
    ? c.json({ code: row.status, error_code: row.gotrue, msg: known.message, ...known.body }, row.status)
    : c.json({ message: known.message, code: known.code, request_id: request.id, ...known.body }, row.status);
};

function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  // Hono's own refusals: a body that is no JSON, a path that cannot be decoded
  if (error instanceof HTTPException && error.status === 400) return new AppError('invalid_input', error.message);
  if (error instanceof HTTPException && error.status === 413) {
    return new AppError('payload_too_large', 'The request body is larger than 1 MB');
  }
  if (error instanceof HTTPException && error.status === 415) {
    return new AppError('invalid_input', 'content-type: must be application/json');
  }
  return new AppError('internal', 'Internal error; the request id is in the response', { cause: error });
}
