import type { Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { pgMetaError } from './pg-meta-error.ts';
import { reachProject } from './reach.ts';

/** A little above the limit that a project's own connection sets, so that Postgres's own refusal is what is seen. */
const usualSeconds = 58;
/** Below what a gateway waits for postgres-meta. */
const longestSeconds = 140;
const graceSeconds = 4;
/** Results beyond this do not fit a browser's table anyway. */
const maximumBytes = 10 * 1024 * 1024;

export type SqlInput = {
  ref: string;
  query: string;
  parameters: unknown[];
  /** the caller wants the longest there is, for a statement that takes its time */
  disableStatementTimeout: boolean;
  /** the caller wants nothing to be changed, whatever the statement says */
  readOnly: boolean;
  /** shown in `pg_stat_activity`, where Studio looks for its own running statements */
  applicationName: string | null;
};

/**
 * Runs SQL in a project's database and returns the rows of the last result that has any, as JSON text.
 * Needs `sql:write` whatever the statement is: it runs as given, so no wrapping could hold it to reading.
 * Errors: those of `reachProject` and `pgMetaError`, `project_timeout`, `payload_too_large` for too large a result,
 * `not_available` for `readOnly`: gateways know no database user that only reads.
 */
export async function runSql(ctx: Ctx, input: SqlInput): Promise<string> {
  const { fetch } = await reachProject(ctx, input.ref, 'sql:write');
  if (input.readOnly) throw new AppError('not_available', 'Not available in this version: read-only queries');
  const limit = timeLimit(input);
  const response = await fetch({
    method: 'POST',
    path: `/pg/query?${limit.query}`,
    headers: {
      'content-type': 'application/json',
      ...(input.applicationName === null ? {} : { 'x-pg-application-name': input.applicationName }),
    },
    body: JSON.stringify({
      query: input.query,
      ...(input.parameters.length === 0 ? {} : { parameters: input.parameters }),
    }),
    timeoutMs: limit.timeoutMs,
    maximumBytes,
  });
  if (response.status !== 200) throw pgMetaError(response);
  return response.body;
}

/** Statements Postgres refuses when another one stands before them in the same request. */
const refusesCompany =
  /^\s*(vacuum|alter\s+system|(create|drop)\s+(database|tablespace)|((create|drop)\s+(unique\s+)?index|reindex\s+\w+)\s+concurrently)\b/i;

/**
 * How long Postgres, postgres-meta and the way there may take, in this order. A longer limit for Postgres is a `set` in
 * front of the caller's statements, which those with parameters do not allow.
 */
function timeLimit(input: SqlInput): { query: string; timeoutMs: number } {
  if (!input.disableStatementTimeout) {
    return { query: `queryTimeoutSecs=${usualSeconds}`, timeoutMs: (usualSeconds + graceSeconds) * 1000 };
  }
  const alone = input.parameters.length > 0 || refusesCompany.test(input.query);
  const longer = alone ? '' : `&statementTimeoutSecs=${longestSeconds}`;
  return {
    query: `queryTimeoutSecs=${longestSeconds + 1}${longer}`,
    timeoutMs: (longestSeconds + graceSeconds) * 1000,
  };
}
