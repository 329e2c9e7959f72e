import type { Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { reachProject } from './reach.ts';

/**
 * PostgREST's OpenAPI document of a project, as JSON text.
 * Errors: those of `reachProject`, `project_unreachable` when PostgREST does not answer with one.
 */
export async function describeDataApi(ctx: Ctx, ref: string): Promise<string> {
  const { fetch } = await reachProject(ctx, ref, 'projects:read');
  const response = await fetch({
    method: 'GET',
    path: '/rest/v1/',
    headers: { accept: 'application/openapi+json' },
    timeoutMs: 20_000,
    maximumBytes: 10 * 1024 * 1024,
  });
  if (response.status !== 200) {
    throw new AppError('project_unreachable', 'The data API of this project does not answer at the moment', {
      cause: `status ${response.status}`,
      retryAfterSeconds: 5,
    });
  }
  return response.body;
}
