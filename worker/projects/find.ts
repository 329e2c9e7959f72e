import { projectRef } from '../../schema/ids.ts';
import type { ProjectStatus } from '../../schema/project-status.ts';
import type { Action } from '../../schema/roles.ts';
import type { Actor, Ctx } from '../deps.ts';
import { notFound } from '../errors.ts';
import { authorize } from '../policy.ts';
import type { ProjectRow } from '../store/projects.ts';
import { status } from './status.ts';

export type Project = ProjectRow & { status: ProjectStatus };

/**
 * The only way to a project: within the tenant, allowed by the policy, with its status at this moment.
 * An unknown, a malformed and somebody else's ref are all `not_found`.
 */
export async function findProject(ctx: Ctx, ref: string, action: Action): Promise<{ actor: Actor; project: Project }> {
  const { clock, config, store } = ctx.deps;
  const now = clock.now();
  const known = projectRef.safeParse(ref).success;
  const { actor, project } = await store.projects.projectByRef(ctx.credential, known ? ref : '', now);
  if (project === null) throw notFound('Project');
  authorize(project.role, action);
  return { actor, project: { ...project, status: status(project, now, config.agents) } };
}
