import type { Ctx } from '../deps.ts';
import { can } from '../policy.ts';
import { findProjectWithSecrets, type Project } from './find.ts';

export type ProjectSettings = {
  project: Project;
  anonKey: string;
  /** null: the actor's role may not see what opens everything */
  secrets: { serviceRoleKey: string; jwtSecret: string } | null;
};

/** A project with the keys an application is configured with. Errors: `not_found`, `forbidden`. */
export async function projectSettings(ctx: Ctx, ref: string): Promise<ProjectSettings> {
  const { project, secrets } = await findProjectWithSecrets(ctx, ref, 'projects:read');
  const { anonKey, serviceRoleKey, jwtSecret } = secrets;
  return { project, anonKey, secrets: can(project.role, 'secrets:read') ? { serviceRoleKey, jwtSecret } : null };
}
