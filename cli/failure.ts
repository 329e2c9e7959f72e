import { SupafleetError } from '../client/index.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';

/** Why a command ended without doing its work, for people: what is wrong, and what to do next. */
export class CommandFailure extends Error {
  override name = 'CommandFailure';
  readonly exitCode: ExitCode;
  readonly hint: string | null;

  constructor(message: string, options: { exitCode: ExitCode; hint?: string | undefined; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.exitCode = options.exitCode;
    this.hint = options.hint ?? null;
  }
}

export type FailureReport = {
  exitCode: ExitCode;
  code: string;
  message: string;
  hint: string | null;
  requestId: string | null;
};

/** Any throw of a command as what is told of it. */
export function failureReport(error: unknown): FailureReport {
  if (error instanceof CommandFailure) {
    const { exitCode, message, hint } = error;
    return { exitCode, code: codeOf(exitCode), message, hint, requestId: null };
  }
  if (error instanceof SupafleetError) {
    const { code, requestId } = error;
    const message = code === 'unreachable' ? withRootCause(error) : error.message;
    return { exitCode: exitCodeOf(code), code, message, hint: hintOf(code), requestId };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { exitCode: exitCodes.failed, code: 'failed', message, hint: null, requestId: null };
}

/** What fetch says of a failed connection is in the causes of its error only. */
function withRootCause(error: Error): string {
  let root = error;
  while (root.cause instanceof Error) root = root.cause;
  // a refused connection to several addresses has an empty message and only a code
  const reason = root.message || ('code' in root ? String(root.code) : root.name);
  return error.message.includes(reason) ? error.message : `${error.message} (${reason})`;
}

function codeOf(exitCode: ExitCode): string {
  return Object.entries(exitCodes).find(([, code]) => code === exitCode)?.[0] ?? 'failed';
}

function exitCodeOf(code: SupafleetError['code']): ExitCode {
  switch (code) {
    case 'unauthenticated':
    case 'invalid_credentials':
    case 'invalid_grant':
      return exitCodes.notSignedIn;
    case 'unreachable':
      return exitCodes.unreachable;
    default:
      return exitCodes.failed;
  }
}

function hintOf(code: SupafleetError['code']): string | null {
  switch (code) {
    case 'unauthenticated':
    case 'invalid_credentials':
    case 'invalid_grant':
      return 'Make a new access token (Studio: Account, Access Tokens) and put it into SUPAFLEET_TOKEN.';
    case 'unreachable':
      return 'Check the address and that the control plane runs: its /health answers without a token.';
    case 'forbidden':
      return 'Ask an owner of the organization, or an operator, to do it or to give you the role.';
    case 'not_found':
      return 'See what there is with the list command of the same group; what you may not see is not found either.';
    case 'wrong_state':
      return 'Look at its present state with the get or list command; it may be on the way.';
    case 'conflict':
      return 'See with the list command what is in the way, or try again if somebody else was quicker.';
    case 'overloaded':
    case 'rate_limited':
    case 'database_unavailable':
    case 'project_unreachable':
    case 'project_timeout':
      return 'Try again in a moment.';
    case 'internal':
      return "The control plane's log has the reason under the request id.";
    default:
      return null;
  }
}
