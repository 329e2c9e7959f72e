import type { Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { nameTaken } from './create.ts';
import { findProject, type Project } from './find.ts';

/**
 * Gives a project another name; nothing on its host changes.
 * Errors: `not_found`, `forbidden`, `wrong_state` when it is going, `conflict` when the name is taken.
 */
export async function renameProject(ctx: Ctx, input: { ref: string; name: string }): Promise<Project> {
  const { actor, project } = await findProject(ctx, input.ref, 'projects:update');
  if (project.power === 'removed') throw new AppError('wrong_state', 'The project is being removed');
  const { name } = input;
  if (name === project.name) return project;
  const renamed = await ctx.deps.store.projects.rename(
    { ref: project.ref, name, at: ctx.deps.clock.now() },
    {
      entry: {
        organizationId: project.organizationId,
        action: 'project.update',
        target: project.ref,
        details: { name, before: project.name },
      },
      actor,
      request: ctx.request,
    },
  );
  if (!renamed) throw nameTaken(name);
  return { ...project, name };
}
