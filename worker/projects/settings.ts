import type { Ctx } from '../deps.ts';
import { may } from '../policy.ts';
import { findProjectWithSecrets, type Project } from './find.ts';

export type ProjectSettings = {
  project: Project;
  anonKey: string;
  /** null: the actor may not see what opens everything */
  secrets: { serviceRoleKey: string; jwtSecret: string } | null;
};

/** A project with the keys an application is configured with. Errors: `not_found`, `forbidden`. */
export async function projectSettings(ctx: Ctx, ref: string): Promise<ProjectSettings> {
  const { actor, project, secrets } = await findProjectWithSecrets(ctx, ref, 'projects:read');
  const { anonKey, serviceRoleKey, jwtSecret } = secrets;
  return { project, anonKey, secrets: may(actor, project, 'secrets:read') ? { serviceRoleKey, jwtSecret } : null };
}
