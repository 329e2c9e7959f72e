import { projectRef } from '../../schema/ids.ts';
import type { ProjectStatus } from '../../schema/project-status.ts';
import type { Action } from '../../schema/roles.ts';
import type { Actor, Ctx } from '../deps.ts';
import { notFound } from '../errors.ts';
import { authorize } from '../policy.ts';
import type { ProjectRow } from '../store/projects.ts';
import { type OwnSecrets, openOwnSecrets } from './open-secrets.ts';
import { status } from './status.ts';

export type Project = ProjectRow & { status: ProjectStatus };

/**
 * The only way to a project: within the tenant, allowed by the policy, with its status at this moment.
 * An unknown, a malformed and somebody else's ref are all `not_found`.
 */
export async function findProject(ctx: Ctx, ref: string, action: Action): Promise<{ actor: Actor; project: Project }> {
  const { clock, store } = ctx.deps;
  const wanted = { ref: knownRef(ref), toChange: action !== 'projects:read' };
  const { actor, project } = await store.projects.projectByRef(ctx.credential, wanted, clock.now());
  return { actor, project: requireProject(ctx, { actor, row: project }, action) };
}

/**
 * As `findProject`, with what is sealed of the project opened but its opaque keys, also in one round trip. For who is
 * refused nothing is opened.
 */
export async function findProjectWithSecrets(
  ctx: Ctx,
  ref: string,
  action: Action,
): Promise<{ actor: Actor; project: Project; secrets: OwnSecrets }> {
  const { clock, store, vault } = ctx.deps;
  const found = await store.apiKeys.projectWithSecrets(ctx.credential, knownRef(ref), clock.now());
  const project = requireProject(ctx, { actor: found.actor, row: found.project }, action);
  if (found.sealed === null) throw new Error(`the secrets of project ${project.ref} are missing`);
  return { actor: found.actor, project, secrets: await openOwnSecrets(vault, project.ref, found.sealed) };
}

/** The status of a loaded project at this moment. */
export function withStatus(ctx: Ctx, row: ProjectRow): Project {
  return { ...row, status: status(row, ctx.deps.clock.now(), ctx.deps.config.agents) };
}

/** A loaded row as the project it is, when there is one and its actor may do it. */
export function requireProject(
  ctx: Ctx,
  { actor, row }: { actor: Actor; row: ProjectRow | null },
  action: Action,
): Project {
  if (row === null) throw notFound('Project');
  authorize(actor, row, action);
  return withStatus(ctx, row);
}

/** A malformed ref is looked up as one that nobody has, so that it costs and says the same. */
export function knownRef(ref: string): string {
  return projectRef.safeParse(ref).success ? ref : '';
}
