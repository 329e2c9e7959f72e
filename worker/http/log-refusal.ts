import type { Log, RequestInfo } from '../deps.ts';
import type { AppError } from '../errors.ts';
import { errorTable } from './error-table.ts';

/**
 * The one line that every door writes of a refusal that is not the caller's doing: what broke, under the request's id.
 * Refusals that are an answer, also a full queue, are not for the log.
 */
export function logRefusal(
  refusal: AppError,
  request: Pick<RequestInfo, 'id'> & { method: string; path: string },
  log: Log,
): void {
  const { code, cause } = refusal;
  if (errorTable[code].status < 500 || (cause === undefined && code !== 'internal')) return;
  const reason = cause ?? refusal;
  log.error('request failed', {
    requestId: request.id,
    method: request.method,
    path: request.path,
    code,
    error: reason instanceof Error ? (reason.stack ?? reason.message) : String(reason),
    cause: reason instanceof Error && reason.cause !== undefined ? String(reason.cause) : undefined,
  });
}
