import type { ProjectStatus } from '../../schema/project-status.ts';
import type { Action } from '../../schema/roles.ts';
import type { Ctx, ProjectRequest, ProjectResponse } from '../deps.ts';
import { AppError } from '../errors.ts';
import { findProjectWithSecrets, type Project } from './find.ts';

/** Statuses in which something may answer. `UNKNOWN` is a silent agent, and its projects often still run. */
const reachable: readonly ProjectStatus[] = ['ACTIVE_HEALTHY', 'ACTIVE_UNHEALTHY', 'UNKNOWN'];

type ReachRequest = Pick<ProjectRequest, 'method' | 'path' | 'timeoutMs' | 'maximumBytes'> & {
  headers?: Record<string, string>;
  body?: string;
};

export type Reached = {
  project: Project;
  /** Sends as the service role, with nothing of the caller's. */
  fetch(request: ReachRequest): Promise<ProjectResponse>;
};

/**
 * Loads a project to speak to it, within the tenant and in one round trip. Where it answers comes from its agent.
 * Errors: `not_found`, `forbidden`, `wrong_state` when it is paused or not up, `project_unreachable`.
 */
export async function reachProject(ctx: Ctx, ref: string, action: Action): Promise<Reached> {
  const { project, secrets } = await findProjectWithSecrets(ctx, ref, action);
  // whoever answers there now is to be told no secret
  if (project.hostRevokedAt !== null) throw new AppError('wrong_state', 'The host of this project was revoked');
  if (!reachable.includes(project.status)) throw notRunning(project.status);
  const { gatewayProtocol: protocol, gatewayEndpoint: endpoint } = project;
  if (protocol === null || endpoint === null) {
    throw new AppError('project_unreachable', 'The host of this project has not said yet where it answers', {
      retryAfterSeconds: 5,
    });
  }
  return {
    project,
    fetch: ({ headers, ...request }) =>
      ctx.deps.projectGateway.fetch({
        ...request,
        protocol,
        endpoint,
        headers: { accept: 'application/json', ...headers, apikey: secrets.serviceRoleKey },
      }),
  };
}

function notRunning(state: ProjectStatus): AppError {
  const reason =
    state === 'INACTIVE' || state === 'PAUSING'
      ? 'The project is paused; restore it to reach its database'
      : `The project is not running (${state})`;
  return new AppError('wrong_state', reason);
}
