import { z } from 'zod';
import type { ProjectResponse } from '../deps.ts';
import { AppError } from '../errors.ts';

/** What postgres-meta says when a statement failed: Postgres's own fields, or only a message. */
const failure = z.looseObject({
  message: z.string().optional(),
  error: z.string().optional(),
  code: z.string().optional(),
  formattedError: z.string().optional(),
});

/**
 * The refusal for an answer of postgres-meta, or of the gateway before it, that is no success. What Postgres itself
 * said goes to the caller whole, as Studio reads it; what only the gateway knows stays inside.
 */
export function pgMetaError(response: ProjectResponse): AppError {
  const said = failure.safeParse(parsed(response.body));
  if (response.status === 401 || response.status === 403) {
    return new AppError('project_unreachable', "The project's gateway does not accept the control plane's key");
  }
  if (response.status === 404 || !said.success || (said.data.message ?? said.data.error) === undefined) {
    return new AppError('project_unreachable', 'The database service of this project does not answer properly', {
      cause: `status ${response.status}`,
      retryAfterSeconds: 5,
    });
  }
  const { message, error, code, formattedError } = said.data;
  const text = (formattedError ?? message ?? error ?? '').trimEnd();
  const summary = `Failed to run sql query: ${text}`;
  if (response.status === 408 || response.status === 504) return new AppError('project_timeout', summary);
  if (code === '53300') return new AppError('overloaded', summary, { retryAfterSeconds: 2 });
  if (response.status === 502 || response.status === 503 || isConnectionFailure(code)) {
    return new AppError('project_unreachable', 'The database of this project cannot be reached at the moment', {
      retryAfterSeconds: 5,
    });
  }
  return new AppError('invalid_input', summary, {
    body: { ...said.data, message: summary, error: text, formattedError: formattedError ?? text },
  });
}

/** Node's system errors (`ECONNREFUSED`), SQLSTATE class 08, and a server that shuts down or starts up. */
function isConnectionFailure(code: string | undefined): boolean {
  return code !== undefined && /^(E[A-Z]{3,}|0800[0-7]|57P0[1-3])$/.test(code);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // a gateway or proxy that speaks no JSON
    return undefined;
  }
}
