import { organizationSlug } from '../../schema/ids.ts';
import type { Ctx } from '../deps.ts';
import { notFound } from '../errors.ts';
import { authorize, authorizeToken } from '../policy.ts';
import type { ProjectPage, StatusTimes } from '../store/project-lists.ts';
import { type Project, withStatus } from './find.ts';

export type Page = ProjectPage;
type ProjectList = { projects: Project[]; count: number };

/** A page of all projects the actor may see, in whichever organization. */
export async function listProjects(ctx: Ctx, page: Page): Promise<ProjectList> {
  const { actor, projects, count } = await ctx.deps.store.projectLists.projects(ctx.credential, page, times(ctx));
  authorizeToken(actor, 'projects:read');
  return { projects: projects.map((row) => withStatus(ctx, row)), count };
}

/** A page of an organization's projects. Errors: `not_found`, `forbidden`. */
export async function listOrganizationProjects(ctx: Ctx, slug: string, page: Page): Promise<ProjectList> {
  const known = organizationSlug.safeParse(slug).success ? slug : '';
  const { actor, organization, projects, count } = await ctx.deps.store.projectLists.projectsOf(
    ctx.credential,
    known,
    page,
    times(ctx),
  );
  if (organization === null) throw notFound('Organization');
  authorize(actor, organization, 'projects:read');
  return { projects: projects.map((row) => withStatus(ctx, row)), count };
}

function times(ctx: Ctx): StatusTimes {
  const { lostAfterMs, verifiedWithinMs } = ctx.deps.config.agents;
  return { now: ctx.deps.clock.now(), lostAfterMs, verifiedWithinMs };
}
