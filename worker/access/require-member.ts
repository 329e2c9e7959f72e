import { organizationSlug } from '../../schema/ids.ts';
import type { Action } from '../../schema/roles.ts';
import type { Actor, Ctx } from '../deps.ts';
import { notFound } from '../errors.ts';
import { authorize } from '../policy.ts';
import type { AccessStore } from '../store/access.ts';

export type Membership = NonNullable<Awaited<ReturnType<AccessStore['organization']>>['organization']>;

/** An organization of the actor's whose role allows the action. An unknown or somebody else's slug is `not_found`. */
export async function requireMember(
  ctx: Ctx,
  slug: string,
  action: Action,
): Promise<{ actor: Actor; organization: Membership }> {
  const known = organizationSlug.safeParse(slug).success;
  const { actor, organization } = await ctx.deps.store.access.organization(
    ctx.credential,
    known ? slug : '',
    ctx.deps.clock.now(),
  );
  if (organization === null) throw notFound('Organization');
  authorize(actor, organization, action);
  return { actor, organization };
}
