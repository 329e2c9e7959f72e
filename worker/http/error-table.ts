import type { TRPC_ERROR_CODE_KEY } from '@trpc/server/rpc';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ErrorCode } from '../../schema/error-codes.ts';

type Row = { status: ContentfulStatusCode; trpc: TRPC_ERROR_CODE_KEY; gotrue: string };

/** Code -> HTTP status, tRPC code, GoTrue `error_code`. The only place where they are decided. */
export const errorTable = {
  invalid_input: { status: 400, trpc: 'BAD_REQUEST', gotrue: 'validation_failed' },
  unauthenticated: { status: 401, trpc: 'UNAUTHORIZED', gotrue: 'bad_jwt' },
  invalid_credentials: { status: 400, trpc: 'UNAUTHORIZED', gotrue: 'invalid_credentials' },
  invalid_grant: { status: 400, trpc: 'UNAUTHORIZED', gotrue: 'refresh_token_not_found' },
  insufficient_aal: { status: 403, trpc: 'FORBIDDEN', gotrue: 'insufficient_aal' },
  forbidden: { status: 403, trpc: 'FORBIDDEN', gotrue: 'no_authorization' },
  not_found: { status: 404, trpc: 'NOT_FOUND', gotrue: 'not_found' },
  method_not_allowed: { status: 405, trpc: 'METHOD_NOT_SUPPORTED', gotrue: 'not_found' },
  conflict: { status: 409, trpc: 'CONFLICT', gotrue: 'conflict' },
  wrong_state: { status: 409, trpc: 'PRECONDITION_FAILED', gotrue: 'conflict' },
  request_timeout: { status: 408, trpc: 'TIMEOUT', gotrue: 'request_timeout' },
  payload_too_large: { status: 413, trpc: 'PAYLOAD_TOO_LARGE', gotrue: 'validation_failed' },
  uri_too_long: { status: 414, trpc: 'BAD_REQUEST', gotrue: 'validation_failed' },
  headers_too_large: { status: 431, trpc: 'BAD_REQUEST', gotrue: 'validation_failed' },
  unprocessable: { status: 422, trpc: 'UNPROCESSABLE_CONTENT', gotrue: 'validation_failed' },
  not_available: { status: 404, trpc: 'NOT_IMPLEMENTED', gotrue: 'not_found' },
  agent_version_unsupported: { status: 426, trpc: 'PRECONDITION_FAILED', gotrue: 'validation_failed' },
  provider_unreachable: { status: 503, trpc: 'SERVICE_UNAVAILABLE', gotrue: 'unexpected_failure' },
  project_unreachable: { status: 503, trpc: 'SERVICE_UNAVAILABLE', gotrue: 'unexpected_failure' },
  project_timeout: { status: 504, trpc: 'GATEWAY_TIMEOUT', gotrue: 'request_timeout' },
  rate_limited: { status: 429, trpc: 'TOO_MANY_REQUESTS', gotrue: 'over_request_rate_limit' },
  overloaded: { status: 503, trpc: 'SERVICE_UNAVAILABLE', gotrue: 'over_request_rate_limit' },
  database_unavailable: { status: 503, trpc: 'SERVICE_UNAVAILABLE', gotrue: 'unexpected_failure' },
  internal: { status: 500, trpc: 'INTERNAL_SERVER_ERROR', gotrue: 'unexpected_failure' },
} as const satisfies Record<ErrorCode, Row>;
