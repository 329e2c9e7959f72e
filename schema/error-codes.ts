/** Every way a request can be refused; `worker/http/error-table.ts` maps each to a status. */
export const errorCodes = [
  'invalid_input',
  'unauthenticated',
  'invalid_credentials',
  'invalid_grant',
  'forbidden',
  'not_found',
  'method_not_allowed',
  'conflict',
  'wrong_state',
  'request_timeout',
  'payload_too_large',
  'uri_too_long',
  'headers_too_large',
  'not_available',
  'agent_version_unsupported',
  'project_unreachable',
  'project_timeout',
  'overloaded',
  'database_unavailable',
  'internal',
] as const;
export type ErrorCode = (typeof errorCodes)[number];
