import type { InstanceSize } from '../../schema/instance-sizes.ts';
import type { Ctx } from '../deps.ts';
import { type Alteration, alterProject } from './alter.ts';
import type { Project } from './find.ts';

/** Gives a project another compute size: its containers are made anew, its data stays. Errors: those of `alterProject`. */
export async function resizeProject(ctx: Ctx, input: { ref: string; size: InstanceSize }): Promise<Project> {
  return alterProject(ctx, input.ref, (project) => resizing(project, input.size));
}

/** The alteration from a project's size to another; null: it has it. */
export function resizing({ size: before }: Pick<Project, 'size'>, size: InstanceSize): Alteration | null {
  if (size === before) return null;
  return { columns: { size }, change: 'resize', audit: { action: 'project.resize', details: { size, before } } };
}
