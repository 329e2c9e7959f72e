import type { StackProfile } from '../../schema/stack-profiles.ts';
import type { Ctx } from '../deps.ts';
import { alterProject } from './alter.ts';
import type { Project } from './find.ts';

/** Says which services a project has. Data of those that go stays. Errors: those of `alterProject`. */
export async function setProfile(ctx: Ctx, input: { ref: string; profile: StackProfile }): Promise<Project> {
  const { ref, profile } = input;
  return alterProject(ctx, ref, ({ profile: before }) => {
    if (profile === before) return null;
    const details = { profile, before };
    return { columns: { profile }, change: 'resize', audit: { action: 'project.set-profile', details } };
  });
}
