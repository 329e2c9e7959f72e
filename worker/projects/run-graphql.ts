import type { Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { reachProject } from './reach.ts';

export type GraphqlRequest = { query: string; operationName?: string; variables?: Record<string, unknown> };

/**
 * Runs a GraphQL document as the service role and returns pg_graphql's answer as JSON text.
 * Errors: those of `reachProject`, `not_available` when the database has no pg_graphql and for `asOtherRole`: the answer
 * would be the service role's.
 */
export async function runGraphql(
  ctx: Ctx,
  input: { ref: string; request: GraphqlRequest; asOtherRole: boolean },
): Promise<string> {
  const { fetch } = await reachProject(ctx, input.ref, 'sql:write');
  if (input.asOtherRole) {
    throw new AppError('not_available', 'Not available in this version: GraphQL as another role than service_role');
  }
  const response = await fetch({
    method: 'POST',
    path: '/graphql/v1',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input.request),
    timeoutMs: 60_000,
    maximumBytes: 10 * 1024 * 1024,
  });
  // PostgREST: no such function, or no such schema, which is how a database without the extension looks
  if (response.status === 404 || response.status === 406) {
    throw new AppError('not_available', 'GraphQL is not available: the database has no pg_graphql extension');
  }
  if (response.status !== 200) {
    throw new AppError('project_unreachable', 'The data API of this project does not answer at the moment', {
      cause: `status ${response.status}`,
      retryAfterSeconds: 5,
    });
  }
  return response.body;
}
